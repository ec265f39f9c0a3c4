"""The translation tool finds every gap, guess, lost placeholder, stale file and stray sentence."""

from pathlib import Path

import polib
import pytest

from tools import i18n

SENTENCE = "Renew %(plan)s until %(day)s"


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own with an empty catalogue."""
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    monkeypatch.setattr(i18n, "PO", tmp_path / "django.po")
    monkeypatch.setattr(i18n, "MO", tmp_path / "django.mo")
    write()
    return tmp_path


def write(*entries: polib.POEntry) -> polib.POFile:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.extend(entries)
    catalogue.save(str(i18n.PO))
    return catalogue


def text(msgid: str, msgstr: str = "", **more: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **more)


def found(*entries: polib.POEntry) -> list[str]:
    return list(i18n.check_entries(write(*entries)))


def test_a_whole_catalogue_passes() -> None:
    assert found(text(SENTENCE, "续费 %(plan)s，用到 %(day)s")) == []


def test_a_gap_is_found() -> None:
    assert found(text("Renew")) == ["no translation: 'Renew'"]


def test_a_guess_is_found() -> None:
    assert found(text("Renew", "续费", flags=["fuzzy"])) == ["no translation: 'Renew'"]


@pytest.mark.parametrize("translation", ["续费 %(plan)s", "续费 %(plan)s %(day)s %(x)s", "续费"])
def test_a_lost_or_invented_placeholder_is_found(translation: str) -> None:
    assert found(text(SENTENCE, translation)) == [
        f"other placeholders: {SENTENCE!r} and {translation!r}"
    ]


def test_a_plural_is_compared_with_its_plural_source() -> None:
    def days(translation: str) -> polib.POEntry:
        return text("one day", msgid_plural="%(n)s days", msgstr_plural={0: translation})

    assert found(days("%(n)s 天")) == []
    assert found(days("几天")) == ["other placeholders: '%(n)s days' and '几天'"]
    assert found(days("")) == ["no translation: 'one day'"]


def test_a_compiled_file_that_says_something_else_is_found() -> None:
    missing = list(i18n.check_compiled(write(text("Renew", "续费"))))
    i18n.compile_catalogue()
    fresh = list(i18n.check_compiled(polib.pofile(str(i18n.PO))))
    stale = list(i18n.check_compiled(write(text("Renew", "续订"))))

    assert missing == ["django.mo is missing; run `uv run tools/i18n.py compile`"]
    assert fresh == []
    assert stale == ["django.mo is old; run `uv run tools/i18n.py compile`"]


def test_merging_fills_in_translations_and_names_what_is_missing(house: Path) -> None:
    write(
        text(SENTENCE),
        text("\nTwo\nlines\n"),
        text("one day", msgid_plural="%(n)s days"),
        text("Missing"),
    )
    (house / "a.txt").write_text(
        "# a remark\n"
        "Renew {{ plan }} until {{ day|date }}\t续费 {{ plan }}，用到 {{ day }}\n"
        "Two\\nlines\t两\\n行\n"
        "%(n)s days\t%(n)s 天\n",
        encoding="utf-8",
    )

    assert i18n.merge([house / "a.txt"]) == ["no translation: 'Missing'"]
    merged = {entry.msgid: entry for entry in polib.pofile(str(i18n.PO))}
    assert merged[SENTENCE].msgstr == "续费 %(plan)s，用到 %(day)s"
    assert merged["\nTwo\nlines\n"].msgstr == "\n两\n行\n"
    assert merged["one day"].msgstr_plural == {0: "%(n)s 天"}


def test_merging_reports_two_translations_of_one_text(house: Path) -> None:
    write(text("sent"))
    (house / "a.txt").write_text("sent\t已发送\n", encoding="utf-8")
    (house / "b.txt").write_text("sent\t寄出\n", encoding="utf-8")

    assert i18n.merge([house / "a.txt", house / "b.txt"]) == [
        "b.txt: 'sent' is '已发送' and '寄出'"
    ]
    assert polib.pofile(str(i18n.PO))[0].msgstr == "已发送"


def test_chinese_in_a_source_is_found_but_in_remarks(house: Path) -> None:
    (house / "plans").mkdir()
    (house / "plans/views.py").write_text('TITLE = "续费"\n', encoding="utf-8")
    (house / "plans/dates.py").write_text('"""12月26日"""\n# 星期\nX = "day"\n', encoding="utf-8")
    (house / "templates").mkdir()
    (house / "templates/page.html").write_text("<h1>续费</h1>", encoding="utf-8")

    assert list(i18n.check_sources()) == [
        "Chinese in a source: plans/views.py",
        "Chinese in a source: templates/page.html",
    ]


def test_without_a_catalogue_the_check_says_how_to_make_one() -> None:
    i18n.PO.unlink()

    assert i18n.check() == ["django.po is missing; run `uv run tools/i18n.py extract`"]
