"""How the operator's system and the portal sign what they send each other (notes/telecom.md §3.1)."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime

# Seconds by which the sender's clock may differ, and how long a copy of a request is good.
WINDOW_SECONDS = 300
VERSION = "v1="
UNIX_TIME = re.compile(r"[0-9]{1,12}")


class ForgedRequestError(Exception):
    """A request that does not come from whom it says, or not now; its text is for the log."""


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """The value of X-Signature: HMAC-SHA256 over `timestamp.body`, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return VERSION + hmac.new(secret.encode(), signed, "sha256").hexdigest()


def verify_signature(
    secrets: Mapping[str, str], *, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Raise ForgedRequestError unless X-Signature was made by the secret that X-Key-Id names, for
    this very body, at an X-Timestamp (Unix seconds) within five minutes of `now`."""
    timestamp, given = headers.get("X-Timestamp", ""), headers.get("X-Signature", "")
    secret = secrets.get(headers.get("X-Key-Id", ""))
    if secret is None:
        raise ForgedRequestError("unknown key")
    if not UNIX_TIME.fullmatch(timestamp):
        raise ForgedRequestError("no timestamp")
    expected = signature(secret, timestamp=timestamp, body=body)
    # As bytes: compare_digest refuses text with other signs than ASCII.
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise ForgedRequestError("wrong signature")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise ForgedRequestError("outside the window of time")
