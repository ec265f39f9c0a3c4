"""One number, many writings."""

import pytest

from accounts.phones import hidden_phone, normalise_phone

REGIONS = ["TH", "GB", "US", "CN"]


@pytest.mark.parametrize(
    "writing",
    [
        "+66812345678",
        "+66 81 234 5678",
        "+66-81-234-5678",
        "0066812345678",
        "00 66 (81) 234 5678",
        "(+66) 81-234-5678",
        "081-234-5678",
        "081 234 5678",
        "(081) 234.5678",
        "0812345678",
        "\uff10\uff18\uff11\uff0d\uff12\uff13\uff14\uff0d\uff15\uff16\uff17\uff18",
        "\uff0b\uff16\uff16 \uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "  081\u2013234\u20115678  ",
    ],
)
def test_every_writing_of_the_demo_number_means_the_same(writing: str) -> None:
    assert normalise_phone(writing, regions=REGIONS) == {"+66812345678"}


def test_a_national_writing_is_tried_in_every_region() -> None:
    assert normalise_phone("13800138000", regions=REGIONS) == {"+8613800138000"}
    assert "+12015550123" in normalise_phone("(201) 555-0123", regions=REGIONS)
    assert normalise_phone("07400 123456", regions=REGIONS) == {"+447400123456"}


def test_a_national_writing_may_mean_numbers_of_several_countries() -> None:
    assert normalise_phone("020 7946 0018", regions=["GB", "CN"]) == {
        "+442079460018",
        "+862079460018",
    }


def test_an_international_writing_needs_no_region() -> None:
    assert normalise_phone("+447400123456", regions=[]) == {"+447400123456"}


@pytest.mark.parametrize(
    "writing",
    [
        "",
        "wang",
        "1-800-FLOWERS",
        "+668123456",
        "123",
        "+",
        "081-234-5678 ext. 9",
        "0" * 41,
        "++66",
    ],
)
def test_what_is_no_number_means_nothing(writing: str) -> None:
    assert normalise_phone(writing, regions=REGIONS) == set()


def test_a_hidden_number_shows_its_last_four_digits_only() -> None:
    assert hidden_phone("+66812345678") == "…5678"
