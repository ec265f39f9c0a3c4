"""Reads an operator's callback: who sent it is proved before a word of it is looked at."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from plans.network.http import CODE, code_in, moment_in
from plans.network.signing import BadSignature, Keyring
from plans.services.network_events import NetworkNews

# Bytes; an event needs some hundreds.
MAX_CALLBACK = 65_536
EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,120}")
MOMENTS = ("occurred_at", "completed_at")
LONGEST_WORD = 40


class BadCallback(Exception):
    """Not to be believed, or not an event; the text says why."""


def read_callback(
    body: bytes, headers: Mapping[str, str], *, keys: Keyring, now: datetime
) -> NetworkNews:
    """Return what a signed callback tells; raises BadCallback for anything else.

    Only the fields of the contract are kept, each in its own shape.
    """
    if len(body) > MAX_CALLBACK:
        raise BadCallback("too large")
    try:
        keys.verify(body, headers, now=now)
    except BadSignature as error:
        raise BadCallback(str(error)) from error
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCallback("not JSON") from error
    if not isinstance(content, dict):
        raise BadCallback("not an object")
    return _news(content)


def _news(content: dict[str, Any]) -> NetworkNews:
    event_id = content.get("event_id")
    if not isinstance(event_id, str) or not EVENT_ID.fullmatch(event_id):
        raise BadCallback("no event_id")
    try:
        order_id = UUID(str(content.get("order_id")))
    except ValueError as error:
        raise BadCallback("order_id is no UUID") from error
    state = content.get("state")
    said = state[:LONGEST_WORD] if isinstance(state, str) and CODE.fullmatch(state) else ""
    moments = {name: moment_in(content, name) for name in MOMENTS}
    return NetworkNews(
        event_id=event_id,
        order_id=order_id,
        said=said,
        body={
            "state": said,
            "code": code_in(content),
            **{name: at.isoformat() if at else None for name, at in moments.items()},
        },
    )
