"""A message is believed only whole, fresh and signed with a key that is valid now."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from django.http.request import HttpHeaders

from plans.network.signing import BadSignature, Keyring

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
OLD = Keyring("2025", {"2025": "o" * 40})
BOTH = Keyring("2026", {"2025": "o" * 40, "2026": "n" * 40})
BODY = b'{"state":"completed"}'


def test_the_signature_is_hmac_sha256_over_time_dot_body() -> None:
    expected = hmac.new(b"n" * 40, b"1795237200." + BODY, hashlib.sha256).hexdigest()

    assert BOTH.sign(BODY, at=NOW) == {
        "X-Timestamp": "1795237200",
        "X-Key-Id": "2026",
        "X-Signature": f"v1={expected}",
    }


def test_both_secrets_are_believed_while_one_is_changed() -> None:
    BOTH.verify(BODY, BOTH.sign(BODY, at=NOW), now=NOW)
    BOTH.verify(BODY, OLD.sign(BODY, at=NOW), now=NOW)


def test_names_of_headers_come_in_any_spelling() -> None:
    names = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in BOTH.sign(BODY, at=NOW).items()}

    BOTH.verify(BODY, HttpHeaders(names), now=NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_clock_may_be_five_minutes_off(seconds: int) -> None:
    BOTH.verify(BODY, BOTH.sign(BODY, at=NOW), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_old_or_future_message_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature, match="five minutes"):
        BOTH.verify(BODY, BOTH.sign(BODY, at=NOW), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"X-Timestamp": ""}, "no time"),
        ({"X-Timestamp": "now"}, "no time"),
        ({"X-Timestamp": "-1795237200"}, "no time"),
        ({"X-Timestamp": "١٧٩٥٢٣٧٢٠٠"}, "no time"),
        ({"X-Timestamp": "1795237201"}, "does not fit"),
        ({"X-Key-Id": ""}, "unknown key"),
        ({"X-Key-Id": "2024"}, "unknown key"),
        ({"X-Key-Id": "2025"}, "does not fit"),
        ({"X-Signature": ""}, "does not fit"),
        ({"X-Signature": "v1="}, "does not fit"),
        ({"X-Signature": "v1=" + "0" * 64}, "does not fit"),
        ({"X-Signature": "v1=签名"}, "does not fit"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(BadSignature, match=reason):
        BOTH.verify(BODY, {**BOTH.sign(BODY, at=NOW), **change}, now=NOW)


def test_another_scheme_is_refused() -> None:
    headers = BOTH.sign(BODY, at=NOW)
    headers["X-Signature"] = headers["X-Signature"].replace("v1=", "v2=")

    with pytest.raises(BadSignature, match="does not fit"):
        BOTH.verify(BODY, headers, now=NOW)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"completed", b"cancelled")])
def test_an_altered_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        BOTH.verify(body, BOTH.sign(BODY, at=NOW), now=NOW)


def test_without_any_key_nobody_is_believed() -> None:
    with pytest.raises(BadSignature, match="unknown key"):
        Keyring("", {}).verify(BODY, BOTH.sign(BODY, at=NOW), now=NOW)


def test_a_keyring_does_not_show_its_secrets() -> None:
    assert "nnn" not in repr(BOTH)
