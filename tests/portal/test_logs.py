"""A log line is one JSON object with its request's id, and no card number leaves the process."""

import json
import logging
import sys

import pytest

from portal.logs import (
    CARD_NOTICE,
    CardNumberFilter,
    JsonFormatter,
    RequestIdFilter,
    mask_card_numbers,
    reset_request_id,
    set_request_id,
)

CARD = "4242424242424242"


class Awkward:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def line_for(message: object, *args: object, **extra: object) -> dict[str, object]:
    """What the handler of settings.LOGGING would write, read back."""
    record = logging.getLogger("billing.checkout").makeRecord(
        "billing.checkout", logging.WARNING, __file__, 1, message, args, None, extra=extra
    )
    return written(record)


def written(record: logging.LogRecord) -> dict[str, object]:
    assert RequestIdFilter().filter(record)
    assert CardNumberFilter().filter(record)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    assert text.encode()
    line: dict[str, object] = json.loads(text)
    return line


def test_a_line_has_time_level_logger_message_and_extras() -> None:
    line = line_for("order %s paid", "X7", order_id=7, methods=["card", "balance"], note="好")

    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "billing.checkout",
        "message": "order X7 paid",
        "request_id": "-",
        "order_id": 7,
        "methods": ["card", "balance"],
        "note": "好",
    }


def test_time_is_utc_with_milliseconds() -> None:
    record = logging.makeLogRecord({"created": 1_700_000_000.25, "msg": "x"})

    assert written(record)["time"] == "2023-11-14T22:13:20.250+00:00"


def test_a_line_carries_the_id_of_its_request() -> None:
    token = set_request_id("abc-123")
    try:
        assert line_for("x")["request_id"] == "abc-123"
    finally:
        reset_request_id(token)


def test_an_extra_that_bears_a_standard_name_is_kept_beside_it() -> None:
    line = line_for("x", level="high", time="noon")

    assert line["level"] == "WARNING"
    assert line["extra_level"] == "high"
    assert line["extra_time"] == "noon"


def test_a_line_break_cannot_forge_a_second_line() -> None:
    assert line_for("a\n{}")["message"] == "a\n{}"


@pytest.mark.parametrize(
    "number",
    [
        "4222222222222",
        "378282246310005",
        CARD,
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242 4242-4242  4242",
        "4242\u00a04242\u00a04242\u00a04242",
        "4242+4242+4242+4242",
        "4242%204242%204242%204242",
        "6304000000000000",
        "6759649826438453",
        "6799990100000000019",
        "4２42424242424242",
    ],
)
def test_a_card_number_is_masked_in_any_writing(number: str) -> None:
    assert mask_card_numbers(f"card {number}, thanks") == f"card {CARD_NOTICE}, thanks"


@pytest.mark.parametrize(
    "harmless",
    [
        "424242424242",
        "4242424242424241",
        "89049032123451234512345678901235",
        "order 2026-11-21 10:51:23.123456",
        "12345.67",
        "succeeded in 0.4242424242424242 s",
        "",
    ],
)
def test_other_numbers_stay(harmless: str) -> None:
    assert mask_card_numbers(harmless) == harmless


def test_other_groups_around_a_card_number_do_not_hide_it() -> None:
    text = mask_card_numbers("1700000000 4242 4242 4242 4242 7")

    assert text == f"1700000000 {CARD_NOTICE} 7"


def test_stretches_that_overlap_are_masked_as_one() -> None:
    text = mask_card_numbers("4242 4242 4242 4242 12 5555-5555-5555-4444")

    assert text == CARD_NOTICE


def test_many_numbers_in_one_line_are_read_in_little_time() -> None:
    text = "1 " * 50_000

    assert mask_card_numbers(text) == text


@pytest.mark.parametrize("argument", [CARD, int(CARD), [CARD], {"number": CARD}])
def test_arguments_of_any_kind_are_masked(argument: object) -> None:
    line = line_for("got %s", argument)

    assert "4242" not in json.dumps(line)
    assert CARD_NOTICE in str(line["message"])


def test_a_number_put_together_by_the_message_is_masked() -> None:
    assert line_for("%s %s", "42424242", "42424242")["message"] == CARD_NOTICE


def test_extras_are_masked_at_every_depth_and_in_keys() -> None:
    line = line_for("x", card=int(CARD), body={"a": [{"n": (f"n={CARD}",)}], CARD: 1}, ok=True)

    assert line["card"] == CARD_NOTICE
    assert line["body"] == {"a": [{"n": [f"n={CARD_NOTICE}"]}], CARD_NOTICE: 1}
    assert line["ok"] is True


def test_exception_text_and_stack_are_masked() -> None:
    try:
        int(f"declined {CARD}")
    except ValueError:
        record = logging.makeLogRecord(
            {"msg": "failed", "exc_info": sys.exc_info(), "stack_info": f"at {CARD}"}
        )
    line = written(record)

    assert str(line["exception"]).endswith(f"'declined {CARD_NOTICE}'")
    assert line["stack"] == f"at {CARD_NOTICE}"


def test_arguments_that_do_not_fit_the_message_cost_neither_line_nor_secret() -> None:
    assert line_for("%d and %d", CARD)["message"] == f"%d and %d ('{CARD_NOTICE}',)"


def test_an_extra_without_text_does_not_cost_the_line() -> None:
    assert line_for("x", thing=Awkward())["thing"] == "<Awkward without text: RuntimeError>"


def test_a_circular_extra_ends() -> None:
    circle: list[object] = []
    circle.append(circle)

    assert "message" in line_for("x", circle=circle)


def test_values_json_does_not_know_become_text() -> None:
    line = line_for("x", rate=float("nan"), share=0.5, half="\ud83d")

    assert line["rate"] == "nan"
    assert line["share"] == 0.5
    assert line["half"] == "\ud83d"


def test_a_request_is_named_without_its_query() -> None:
    class Request:
        method = "GET"
        path = "/orders/"
        GET = {"token": "secret"}

    assert line_for("x", request=Request())["request"] == "GET /orders/"
