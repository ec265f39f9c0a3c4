"""Bracket notation and the checks of single values."""

from typing import Any

import pytest

from billing.sandbox.cards import expiry, find, is_cvc
from billing.sandbox.errors import ApiError
from billing.sandbox.params import MAX_DEPTH, MAX_FIELDS, Fields, decode, is_web_address


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b][c]=1", {"a": {"b": {"c": "1"}}}),
        ("a[0]=x&a[1]=y", {"a": ["x", "y"]}),
        ("a[]=x&a[]=y", {"a": ["x", "y"]}),
        ("a%5B0%5D%5Bb%5D=1&a%5B0%5D%5Bc%5D=2", {"a": [{"b": "1", "c": "2"}]}),
        ("a[1]=x", {"a": {"1": "x"}}),
        ("metadata[0]=x", {"metadata": {"0": "x"}}),
        ("a[metadata][0]=x", {"a": {"metadata": {"0": "x"}}}),
        ("name=%E7%BA%A2%E5%8D%A1+30", {"name": "红卡 30"}),
    ],
)
def test_bracket_notation_becomes_hashes_and_arrays(encoded: str, value: Any) -> None:
    assert decode(encoded) == value


@pytest.mark.parametrize(
    "encoded",
    [
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "a[b=1",
        "=1",
        "a" + "[b]" * MAX_DEPTH + "=1",
        "&".join(f"a{n}=1" for n in range(MAX_FIELDS + 1)),
        "a=%ff",
        "a=\udcff",
    ],
)
def test_what_is_not_bracket_notation_is_refused(encoded: str) -> None:
    with pytest.raises(ApiError):
        decode(encoded)


@pytest.mark.parametrize("value", ["1.5", "", "１２", "1e3", " 1", "9" * 16, "-1", "11", {}, []])
def test_a_number_is_whole_plain_and_within_its_limits(value: Any) -> None:
    with pytest.raises(ApiError) as refused:
        Fields({"n": value}).whole("n", low=0, high=10)
    assert refused.value.param == "n"


@pytest.mark.parametrize(
    "check",
    [
        lambda fields: fields.text("x"),
        lambda fields: fields.inside("y"),
        lambda fields: fields.rows("y", ()),
        lambda fields: fields.rows("z", ()),
        lambda fields: fields.texts("y"),
        lambda fields: fields.flag("y"),
        lambda fields: fields.inside("x").metadata(),
    ],
)
def test_a_value_of_another_shape_is_refused(check: Any) -> None:
    fields = Fields({"x": {"metadata": "flat"}, "y": "flat", "z": ["flat"]})
    with pytest.raises(ApiError):
        check(fields)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("http://localhost:8000/a?b={C}", True),
        ("https://xn--fiqs8s.example", True),
        ("https://中国.example/订单", True),
        ("http://[::1]:8000/", True),
        ("http://my_host/", True),
        ("ftp://shop.example", False),
        ("//shop.example", False),
        ("http://", False),
        ("http://shop.example:99999/", False),
        ("http://a;script-src/", False),
        ("http://shop.example/a b", False),
        ("http://shop.example/\r\nX: y", False),
        ("http://" + "a" * 64 + ".example", False),
        ("javascript:alert(1)", False),
    ],
)
def test_an_address_is_absolute_and_safe_in_a_header(text: str, good: bool) -> None:  # noqa: FBT001
    assert is_web_address(text) is good


def test_metadata_has_stripe_s_limits() -> None:
    assert Fields({"metadata": {"a": "1", "gone": ""}}).metadata() == {"a": "1"}
    for pairs in ({"k" * 41: "v"}, {"k": "v" * 501}, {str(n): "v" for n in range(51)}):
        with pytest.raises(ApiError):
            Fields({"metadata": pairs}).metadata()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", (12, 2034)),
        ("12/34", (12, 2034)),
        (" 1 / 2027 ", (1, 2027)),
        ("1134", (11, 2034)),
        ("１２／３４", (12, 2034)),
        ("11/26", (11, 2026)),
        ("10/26", None),
        ("00/34", None),
        ("13/34", None),
        ("12/345", None),
        ("x", None),
    ],
)
def test_an_expiry_is_a_month_that_is_not_over(typed: str, found: tuple[int, int] | None) -> None:
    assert expiry(typed, today=(2026, 11)) == found


def test_codes_and_numbers_are_read_as_people_write_them() -> None:
    assert [is_cvc(text) for text in ("", "123", "1234", "１２３", "12", "12a")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    card = find("4242 4242 4242 4242")
    assert card is not None
    assert card.last4 == "4242"
    assert find("4242 4242 4242 424") is None
