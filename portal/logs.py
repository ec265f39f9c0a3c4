"""What a log line looks like: one JSON object, tied to its request, never with a card number."""

import json
import logging
import math
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

NO_REQUEST = "-"
# Where the middleware leaves the id on the request itself.
META_KEY = "xuka.request_id"
CARD_NOTICE = "[card number removed]"
# Digits of a payment card number, by ISO/IEC 7812.
CARD_DIGITS = range(13, 20)
# What people and URLs put between the groups of a card number.
_SEPARATOR = r"(?:[ \u00a0+-]{1,2}|%20)"
# Digits behind a decimal point are a measurement, not a card.
_DIGIT_GROUPS = re.compile(rf"(?<!\d\.)(?<!\d)\d+(?:{_SEPARATOR}\d+)*")
_TOKEN = re.compile(rf"{_SEPARATOR}|\d+")
# Nested extras are cut off here, so that a circular value ends.
_DEPTH = 6

# Attributes every LogRecord has; whatever else is on it came in by `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}

_request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)
set_request_id = _request_id.set
reset_request_id = _request_id.reset


def current_request_id() -> str:
    """Return the id of the request being answered, `-` outside one; error pages may show it."""
    return _request_id.get()


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character) * (1 + position % 2)
        total += sum(divmod(value, 10))
    return total % 10 == 0


def _mask_groups(match: re.Match[str]) -> str:
    """Mask every stretch of whole groups that could be a card number."""
    text = match[0]
    spans = [token.span() for token in _TOKEN.finditer(text) if token[0].isdigit()]
    ends = [0, *accumulate(end - start for start, end in spans)]
    digits = "".join(text[start:end] for start, end in spans)
    covered: set[int] = set()
    for first in range(len(spans)):
        for last in range(first + 1, min(len(spans), first + max(CARD_DIGITS)) + 1):
            candidate = digits[ends[first] : ends[last]]
            if len(candidate) in CARD_DIGITS and _passes_luhn(candidate):
                covered.update(range(first, last))
    result, kept = "", 0
    for group in sorted(covered):
        start, end = spans[group]
        if group - 1 not in covered:
            result += text[kept:start] + CARD_NOTICE
        kept = end
    return result + text[kept:]


def mask_card_numbers(text: str) -> str:
    """Replace each number of 13 to 19 digits with a right Luhn digit by a notice.

    Blanks and dashes within it do not hide it. Our own long numbers (ICCID, order number) may
    pass the check by chance; losing one from a log line is cheap, so no exception is made.
    """
    return _DIGIT_GROUPS.sub(_mask_groups, text)


def _safe_text(value: object) -> str:
    """Text of any value; a broken `__str__` must not cost the log line."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 (foreign code; the line says what happened instead)
        return f"<{type(value).__name__} without text: {type(error).__name__}>"


def _plain(value: object, depth: int = _DEPTH) -> object:
    """Copy of `value` out of JSON types only, card numbers masked."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        masked = mask_card_numbers(str(value))
        finite = math.isfinite(value) if isinstance(value, float) else True
        return value if finite and masked == str(value) else masked
    if depth and isinstance(value, dict):
        return {
            mask_card_numbers(_safe_text(key)): _plain(item, depth - 1)
            for key, item in value.items()
        }
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth - 1) for item in value]
    if hasattr(value, "method") and hasattr(value, "path"):
        # A request: its own text would carry the query string, and with it tokens.
        return mask_card_numbers(f"{value.method} {value.path}")
    return mask_card_numbers(_safe_text(value))


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            # Django logs some failures after the last middleware; such a record brings its request.
            meta = getattr(getattr(record, "request", None), "META", {})
            record.request_id = meta.get(META_KEY, current_request_id())
        return True


class CardNumberFilter(logging.Filter):
    """Masks card numbers in message, arguments, extras, exception and stack; drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 (logging would print the raw arguments to stderr instead)
            message = f"{_safe_text(record.msg)} {_safe_text(record.args)}"
        record.msg, record.args = mask_card_numbers(message), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = mask_card_numbers(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_card_numbers(record.stack_info)
        for name, value in _extras(record).items():
            setattr(record, name, _plain(value))
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, request_id, then the extras.

    An extra that bears one of these names is kept as `extra_<name>`.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", NO_REQUEST),
        }
        for name, value in _extras(record).items():
            line[f"extra_{name}" if name in line else name] = _plain(value)
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        # Half a surrogate pair from a broken client must not stop the line from being written.
        text = json.dumps(line, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
