"""What we ask of an operator's network, and what it may answer: the contract, no adapter.

One order, keyed by an id that we choose: the same id is the same order for ever, so an order
whose answer was lost may be sent again without harm.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, Self
from uuid import UUID


class Unit(StrEnum):
    """In what a bucket is measured."""

    BYTES = "bytes"
    SECONDS = "seconds"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class NetworkBucket:
    """One allowance of a period; `amount` is None when unlimited."""

    code: str
    unit: Unit
    amount: int | None
    # Country codes, or WORLD / EU.
    scope: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class NetworkOrder:
    """What the network shall do for one line; start inclusive, end exclusive."""

    order_id: UUID
    line_ref: str
    msisdn: str
    iccid: str
    action: str
    plan_sku: str
    plan_version: int
    start_at: datetime
    end_at: datetime
    buckets: tuple[NetworkBucket, ...]

    def body(self) -> dict[str, Any]:
        """Return the order as JSON without its id, which is part of the address; times as ISO."""
        return {name: _plain(value) for name, value in asdict(self).items() if name != "order_id"}

    @classmethod
    def from_body(cls, order_id: UUID, body: dict[str, Any]) -> Self:
        """Return the order that `body()` wrote; raises KeyError or ValueError for another shape."""
        return cls(
            order_id=order_id,
            line_ref=body["line_ref"],
            msisdn=body["msisdn"],
            iccid=body["iccid"],
            action=body["action"],
            plan_sku=body["plan_sku"],
            plan_version=body["plan_version"],
            start_at=datetime.fromisoformat(body["start_at"]),
            end_at=datetime.fromisoformat(body["end_at"]),
            buckets=tuple(
                NetworkBucket(
                    code=bucket["code"],
                    unit=Unit(bucket["unit"]),
                    amount=bucket["amount"],
                    scope=tuple(bucket["scope"]),
                    valid_from=datetime.fromisoformat(bucket["valid_from"]),
                    valid_until=datetime.fromisoformat(bucket["valid_until"]),
                )
                for bucket in body["buckets"]
            ),
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


class AnswerState(StrEnum):
    """How far the network is with an order."""

    UNDERWAY = "underway"
    COMPLETED = "completed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What the network says of an order; `completed_at` is its own time, `reason` its code."""

    state: AnswerState
    completed_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """What the network holds of one line; None where it does not say.

    `service_until` is the end (not included) of the last period it has completed. With
    `has_service` False the network says that there is none; with `is_known` False, that it does
    not know the line.
    """

    line_ref: str
    msisdn: str | None = None
    iccid: str | None = None
    state: str | None = None
    service_until: datetime | None = None
    has_service: bool = True
    is_known: bool = True


class NetworkUnavailable(Exception):
    """The network took nothing and may be asked again, after `retry_after` seconds if it says."""

    def __init__(self, retry_after: int | None = None) -> None:
        super().__init__("network unavailable")
        self.retry_after = retry_after


class AnswerLost(Exception):
    """No answer came: the network may or may not have the order."""


class NetworkRefused(Exception):
    """The network refuses the order for good; `code` says why (`conflict`, `unknown_line` …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Network(Protocol):
    """An adapter. Never called inside a database transaction of ours."""

    def put(self, order: NetworkOrder) -> NetworkAnswer:
        """Hand over an order, or repeat it.

        Raises NetworkUnavailable, AnswerLost, or NetworkRefused, also for an id that came with
        another body before.
        """

    def get(self, order_id: UUID) -> NetworkAnswer | None:
        """Ask how far an order is; None when the network never got it.

        Raises NetworkUnavailable or AnswerLost.
        """

    def changed_lines(self, since: datetime) -> Iterator[NetworkLine]:
        """Every line that changed at the network since then, page by page.

        Raises NetworkUnavailable or AnswerLost, also in the middle.
        """

    def line(self, line_ref: str) -> NetworkLine | None:
        """One line as the network holds it; None when it knows no such line.

        Raises NetworkUnavailable or AnswerLost.
        """
