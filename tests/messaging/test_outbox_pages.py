"""/dev/outbox/ shows everything to the developer at the machine and nothing to anybody else."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from messaging.services.delivery import deliver_due

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]


@pytest.fixture
def kept(queue: Queue, now: datetime) -> Message:
    message = queue("renewal_effective", demo=True)
    deliver_due(now=now)
    message.refresh_from_db()
    return message


def pages(message: Message) -> list[str]:
    one = [message.public_id]
    return [
        reverse("messaging:outbox"),
        reverse("messaging:outbox-message", args=one),
        reverse("messaging:outbox-html", args=one),
    ]


def test_the_pages_live_below_dev(kept: Message) -> None:
    start = f"/dev/outbox/{kept.public_id}/"
    assert pages(kept) == ["/dev/outbox/", start, f"{start}html/"]


def test_a_stranger_may_not_see_any_of_them_on_a_real_site(client: Client, kept: Message) -> None:
    assert [client.get(page).status_code for page in pages(kept)] == [404, 404, 404]


@pytest.mark.parametrize(
    "source",
    [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_a_stranger_may_not_see_any_of_them_from_another_machine(
    client: Client, kept: Message, settings: Any, source: dict[str, str]
) -> None:
    settings.LOCAL_TEST = True
    answers = [client.get(page, **source) for page in pages(kept)]  # type: ignore[arg-type]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_the_list_shows_the_newest_first_with_hooks(
    client: Client, settings: Any, kept: Message, queue: Queue, now: datetime
) -> None:
    settings.LOCAL_TEST = True
    queue("verification_code", channel="sms", address="+66812345678", demo=True)
    deliver_due(now=now)
    html = client.get("/dev/outbox/").content.decode()
    assert html.count('data-testid="outbox-message"') == 2
    sms = 'data-channel="sms" data-template="verification_code" data-state="kept"'
    mail = 'data-channel="email" data-template="renewal_effective" data-state="kept"'
    assert 0 < html.index(sms) < html.index(mail)
    assert "+66812345678" in html
    assert kept.rendered_subject in html
    assert "402917" in html


def test_an_empty_outbox_says_so(client: Client, settings: Any) -> None:
    settings.LOCAL_TEST = True
    answer = client.get("/dev/outbox/")
    assert answer.status_code == 200
    assert b"outbox-message" not in answer.content


def test_the_list_costs_the_same_however_long_it_is(
    client: Client, settings: Any, queue: Queue, django_assert_max_num_queries: Any
) -> None:
    settings.LOCAL_TEST = True
    for _ in range(110):
        queue()
    with django_assert_max_num_queries(3):
        answer = client.get("/dev/outbox/")
    assert answer.content.count(b'data-testid="outbox-message"') == 100


def test_one_message_shows_its_text_and_frames_its_mail(
    client: Client, settings: Any, kept: Message
) -> None:
    settings.LOCAL_TEST = True
    answer = client.get(pages(kept)[1])
    html = answer.content.decode()
    assert f'src="{pages(kept)[2]}"' in html
    assert 'sandbox="allow-popups' in html
    assert "your service now runs until" in html
    assert 'href="https://xuka.example/lines/3f6c1f0e/"' in html
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_the_mail_may_show_its_own_styles_and_do_nothing_else(
    client: Client, settings: Any, kept: Message
) -> None:
    settings.LOCAL_TEST = True
    answer = client.get(pages(kept)[2])
    assert answer.content.decode() == kept.rendered_html
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    rules = set(answer["Content-Security-Policy"].split("; "))
    assert {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
        "frame-ancestors 'self'",
        "form-action 'none'",
    } <= rules
    assert not any(rule.startswith("script-src") for rule in rules)


def test_an_unknown_message_or_an_sms_has_no_mail_page(
    client: Client, settings: Any, queue: Queue, now: datetime
) -> None:
    settings.LOCAL_TEST = True
    sms = queue("verification_code", channel="sms")
    deliver_due(now=now)
    assert client.get(reverse("messaging:outbox-message", args=[uuid.uuid4()])).status_code == 404
    assert client.get(reverse("messaging:outbox-message", args=[sms.public_id])).status_code == 200
    assert client.get(reverse("messaging:outbox-html", args=[sms.public_id])).status_code == 404


def test_the_outbox_is_for_reading_only(client: Client, settings: Any, kept: Message) -> None:
    settings.LOCAL_TEST = True
    assert [client.post(page).status_code for page in pages(kept)] == [405, 405, 405]
