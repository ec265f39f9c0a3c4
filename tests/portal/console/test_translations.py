"""The console speaks Chinese throughout: our models, our words, and unfold's."""

from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.test import Client
from django.utils.functional import Promise

from billing.models import Order
from tools import i18n
from tools.unfold_texts import NOTE, texts_of_django, unfold_entries

OUR_APPS = ("messaging", "accounts", "plans", "billing", "support")


def test_every_field_and_model_has_a_name_that_can_be_translated() -> None:
    nameless = [
        f"{model.__name__}.{field.name}"
        for app in OUR_APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.fields
        # Written alike in both languages.
        if field.name not in {"id", "iccid", "eid"} and not isinstance(field.verbose_name, Promise)
    ]

    assert nameless == []


def test_every_text_of_unfold_is_chinese_in_our_catalogue_or_in_djangos() -> None:
    catalogue = {i18n.key_of(entry): entry for entry in polib.pofile(str(i18n.PO))}
    missing = [
        entry.msgid
        for entry in unfold_entries(i18n.LANGUAGE)
        if i18n.key_of(entry) not in catalogue
        or not i18n.is_translated(catalogue[i18n.key_of(entry)])
    ]

    assert missing == []


def test_the_reader_of_unfold_finds_templates_and_modules() -> None:
    found = {entry.msgid: entry for entry in unfold_entries(i18n.LANGUAGE)}

    # From a template, from a module, with a plural; and one that Django knows.
    assert {"Apply Filters", "Select action"} <= found.keys()
    assert any(entry.msgid_plural for entry in found.values())
    assert "Save" in texts_of_django(i18n.LANGUAGE)
    assert "Save" not in found
    assert {entry.comment for entry in found.values()} == {NOTE}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ["筛选", "订单号", "测试模式", "快速搜索……"]),
        ("en", ["Filters", "Order number", "Test mode", "Search apps and models..."]),
    ],
)
def test_a_list_is_wholly_in_one_language(
    staff: Client, order: Order, language: str, words: list[str]
) -> None:
    staff.cookies["django_language"] = language
    html = staff.get("/admin/billing/order/").content.decode()

    assert [word for word in words if word not in html] == []


def test_extraction_keeps_the_translations_of_unfolds_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = polib.POFile()
    kept.append(polib.POEntry(msgid="Apply Filters", msgstr="应用筛选", comment=NOTE))
    kept.save(str(tmp_path / "django.po"))
    monkeypatch.setattr(i18n, "PO", tmp_path / "django.po")
    fresh = polib.POFile()
    fresh.append(polib.POEntry(msgid="Select action", msgstr="我们自己的"))

    i18n.add_unfold(fresh)

    found = {entry.msgid: entry.msgstr for entry in fresh}
    assert (found["Apply Filters"], found["Select action"]) == ("应用筛选", "我们自己的")
    assert found["Filters"] == ""


def test_a_plural_is_merged_by_its_second_form(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("%(n)s row ||| %(n)s rows\t%(n)s 条\n", encoding="utf-8")

    assert list(i18n.pairs_of(tmp_path / "a.tsv")) == [("%(n)s rows", "%(n)s 条")]
