"""A wrong value stops the start, names the variable and never shows a secret."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env

NAME = "XUKA_TRIAL"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


def test_text_is_required_without_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must be set in the environment.$"):
        env.text(NAME)

    monkeypatch.setenv(NAME, "  ")
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env.text(NAME)


def test_text_is_stripped_and_its_default_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text(NAME, "x") == "x"
    assert env.text(NAME, "") == ""

    monkeypatch.setenv(NAME, " y ")
    assert env.text(NAME, "x") == "y"


def test_text_outside_its_choices_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "LOUD")

    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must be one of INFO, DEBUG, not"):
        env.text(NAME, "INFO", choices=("INFO", "DEBUG"))


@pytest.mark.parametrize("word", ["1", "true", "YES", " On "])
def test_a_flag_knows_the_words_for_yes(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(NAME, word)

    assert env.flag(NAME, default=False) is True


@pytest.mark.parametrize("word", ["0", "False", "no", "OFF"])
def test_a_flag_knows_the_words_for_no(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(NAME, word)

    assert env.flag(NAME, default=True) is False


@pytest.mark.parametrize("word", ["ture", "2", "y", "none"])
def test_a_flag_refuses_a_typing_mistake(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv(NAME, word)

    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must be one of yes, no"):
        env.flag(NAME, default=True)


@pytest.mark.parametrize(("written", "read"), [("5", 5), (" 9 ", 9), ("", 7)])
def test_a_number_is_read(monkeypatch: pytest.MonkeyPatch, written: str, read: int) -> None:
    monkeypatch.setenv(NAME, written)

    assert env.number(NAME, 7, minimum=5, maximum=9) == read


@pytest.mark.parametrize("written", ["4", "10", "-5", "5.5", "1e1", "five"])
def test_a_number_out_of_bounds_or_shape_is_refused(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv(NAME, written)

    with pytest.raises(ImproperlyConfigured, match=f"^{NAME} must "):
        env.number(NAME, 7, minimum=5, maximum=9)


def test_names_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.names(NAME) == []

    monkeypatch.setenv(NAME, "a.example, b.example,,")
    assert env.names(NAME) == ["a.example", "b.example"]


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))

    assert env.secret(NAME) == "s3cret"


def test_a_secret_given_twice_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "s3cret")
    monkeypatch.setenv(f"{NAME}_FILE", "/run/secrets/trial")

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.secret(NAME)
    assert str(refusal.value) == f"Set {NAME} or {NAME}_FILE, not both."


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(path))

    with pytest.raises(ImproperlyConfigured, match=f"^{NAME}_FILE points to .*cannot be read"):
        env.secret(NAME)


def test_a_secret_is_required_without_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{NAME} \(or {NAME}_FILE\) must be set"):
        env.secret(NAME)

    assert env.secret(NAME, "") == ""
    monkeypatch.setenv(NAME, "direct")
    assert env.secret(NAME) == "direct"


@pytest.mark.parametrize(
    ("written", "read"),
    [("", {}), ("a:1", {"a": "1"}), (" 2025-11:1 , b:2:3 ,", {"2025-11": "1", "b": "2:3"})],
)
def test_secrets_have_names(
    monkeypatch: pytest.MonkeyPatch, written: str, read: dict[str, str]
) -> None:
    monkeypatch.setenv(NAME, written)

    assert env.named_secrets(NAME) == read


@pytest.mark.parametrize(
    "written", ["hush", ":hush", "a:", "a:hush,a:2", "a b:hush", "a:1,b:2,c:3"]
)
def test_secrets_of_another_shape_are_refused_without_showing_them(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv(NAME, written)

    with pytest.raises(ImproperlyConfigured, match=NAME) as refusal:
        env.named_secrets(NAME)

    assert "hush" not in str(refusal.value)


def test_a_postgresql_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "postgresql://xu%40ka:p%2Fw@db.example:5433/portal?sslmode=require")
    entry = env.database(NAME, Path("unused"))

    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert [entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "portal",
        "xu@ka",
        "p/w",
        "db.example",
        "5433",
    ]
    assert entry["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require"}


def test_sqlite_is_the_default_and_takes_its_write_lock_at_once(tmp_path: Path) -> None:
    entry = env.database(NAME, tmp_path / "xuka.sqlite3")
    options = entry["OPTIONS"]

    assert entry["ENGINE"] == "django.db.backends.sqlite3"
    assert entry["NAME"] == str(tmp_path / "xuka.sqlite3")
    assert isinstance(options, dict)
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)


@pytest.mark.parametrize("url", ["mysql://root@db/x", "portal.sqlite3", "sqlite:/x"])
def test_another_database_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(NAME, url)

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.database(NAME, Path("unused"))
    assert str(refusal.value) == f"{NAME} must begin with postgresql:// or sqlite:///."
