"""How both sides prove who speaks: HMAC-SHA256 over time and body, with a key that has a name.

The same scheme signs our calls, the operator's callbacks and the use it posts. Two keys may be valid at once, so
that a secret is changed without a moment at which nobody is believed.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TIMESTAMP = "X-Timestamp"
SIGNATURE = "X-Signature"
KEY_ID = "X-Key-Id"
# How far the sender's clock may be from ours, in either direction.
WINDOW = timedelta(minutes=5)
STAMP = re.compile(r"[0-9]{1,12}")
VERSION = "v1="


class BadSignature(Exception):
    """The message is not from who it says, or not from now; the text says which."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The secrets that are valid, by name, and the one that we sign with."""

    key_id: str
    secrets: Mapping[str, str] = field(repr=False)

    def sign(self, body: bytes, *, at: datetime) -> dict[str, str]:
        """Return the headers that prove `body` was sent by us at `at`."""
        stamp = str(int(at.timestamp()))
        return {
            TIMESTAMP: stamp,
            KEY_ID: self.key_id,
            SIGNATURE: VERSION + _digest(self.secrets[self.key_id], stamp, body),
        }

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Raise BadSignature unless a key of ours signed `body` within five minutes of `now`.

        `headers` must find names in any spelling of capitals, as Django's do.
        """
        stamp = headers.get(TIMESTAMP, "")
        if not STAMP.fullmatch(stamp):
            raise BadSignature("no time")
        if abs(now.timestamp() - int(stamp)) > WINDOW.total_seconds():
            raise BadSignature("not from within five minutes")
        secret = self.secrets.get(headers.get(KEY_ID, ""))
        if not secret:
            raise BadSignature("unknown key")
        given = headers.get(SIGNATURE, "").encode()
        if not hmac.compare_digest(given, (VERSION + _digest(secret, stamp, body)).encode()):
            raise BadSignature("signature does not fit")


def _digest(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
