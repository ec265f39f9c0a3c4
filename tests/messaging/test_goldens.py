"""Every mail and SMS word for word. After a wanted change: `uv run tools/update_goldens.py en`.

A language is covered as soon as its folder exists beside this file.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import time_machine

from messaging.rendering import render
from tests.messaging.samples import NOW, contexts, sample, written

GOLDENS = Path(__file__).parent / "goldens"
LANGUAGES = sorted(folder.name for folder in GOLDENS.iterdir() if folder.is_dir())
CASES = [(language, name) for language in LANGUAGES for name in contexts(language)]
# The one button of each mail.
BUTTONS = {
    "renewal_effective": "https://xuka.example/lines/3f6c1f0e/",
    "renewal_effective.queued": "https://xuka.example/lines/3f6c1f0e/",
    "renewal_effective.stacked": "https://xuka.example/lines/3f6c1f0e/",
    "renewal_effective.replaced": "https://xuka.example/lines/3f6c1f0e/",
    "renewal_effective.beside": "https://xuka.example/lines/3f6c1f0e/",
    "payment_failed": "https://xuka.example/orders/XK7Q2M9D4TPA/",
    "payment_refunded": "https://xuka.example/orders/XK7Q2M9D4TPA/",
    "payment_credited": "https://xuka.example/orders/XK7Q2M9D4TPA/",
    "order_in_review": "https://xuka.example/orders/XK7Q2M9D4TPA/",
    "period_ending": "https://xuka.example/r/Qx4-8vT4mQ2sWZb7Y/",
    "period_ending.pack": "https://xuka.example/r/Qx4-8vT4mQ2sWZb7Y/",
    "line_stage": "https://xuka.example/lines/7KQ2M9XW4D/",
    "line_stage.suspended": "https://xuka.example/lines/7KQ2M9XW4D/",
    "line_stage.number_loss": "https://xuka.example/lines/7KQ2M9XW4D/",
    "phone_released": "https://xuka.example/accounts/login/",
    "usage_threshold": "https://xuka.example/lines/3f6c1f0e/",
    "usage_threshold.up": "https://xuka.example/lines/3f6c1f0e/",
    "line_claim_tried": "https://xuka.example/b/hongka/",
    "line_claimed": "https://xuka.example/lines/7KQ2M9XW4D/",
    "line_moved": "https://xuka.example/b/hongka/",
}


class Page(HTMLParser):
    """Collects what a mail program would load and where it would go."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.buttons: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in {"img", "link", "script", "iframe", "object", "embed", "form"}:
            self.loaded.append(tag)
        self.loaded += [values[name] for name in ("src", "background", "srcset") if name in values]
        if tag == "a":
            self.links.append(values["href"])
            if "display:inline-block" in values.get("style", ""):
                self.buttons.append(values["href"])


@pytest.mark.parametrize(("language", "name"), CASES)
@time_machine.travel(NOW, tick=False)
def test_each_message_reads_word_for_word_as_agreed(language: str, name: str) -> None:
    for file, text in written(name, language).items():
        assert text == (GOLDENS / language / file).read_text(encoding="utf-8"), file


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_golden_file_is_left_over(language: str) -> None:
    wanted = {f"{name}.{end}" for name in contexts(language) for end in _ENDS}
    assert {file.name for file in (GOLDENS / language).iterdir()} == wanted


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", list(contexts("en")))
def test_a_mail_loads_nothing_and_has_at_most_one_button(language: str, name: str) -> None:
    html = render(sample(name, "email", language)).html
    page = Page(html)
    assert page.loaded == []
    assert not re.search(r"@import|url\(", html)
    assert page.buttons == ([BUTTONS[name]] if name in BUTTONS else [])
    assert f'lang="{language}"' in html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_ready_made_text_keeps_its_link_in_text_and_html(language: str) -> None:
    link = "https://xuka.example/accounts/confirm-email/MQ:abc/?a=1&b=2"
    mail = render(sample("rendered", "email", language))
    assert link in mail.text
    assert Page(mail.html).links == [link]


_ENDS = ("mail.txt", "mail.html", "sms.txt")
