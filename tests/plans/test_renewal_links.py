"""The signed link of a reminder opens one period for its owner's line, and nothing else opens."""

from datetime import UTC, datetime, timedelta

import pytest

from plans.models import Period
from plans.renewal_links import ALPHABET, KEPT_AFTER_END, period_of_token, renewal_token
from tests.factories import PeriodFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def period() -> Period:
    return PeriodFactory.create()


def test_a_token_opens_its_own_period_with_all_a_page_needs(
    period: Period, django_assert_num_queries: object
) -> None:
    token = renewal_token(period)
    assert period.version.plan.brand == period.line.brand

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = period_of_token(token, now=NOW)
        assert found == period
        assert found is not None
        assert (found.line.customer, found.version.plan) == (
            period.line.customer,
            period.version.plan,
        )
        assert found.line.brand == period.line.brand


def test_a_token_is_short_and_needs_no_escaping(period: Period) -> None:
    token = renewal_token(period)

    assert len(token) <= 24
    assert set(token) <= {*ALPHABET, "-"}


def test_two_periods_have_two_tokens(period: Period) -> None:
    other = PeriodFactory.create(line=period.line, start_at=period.end_at)

    assert renewal_token(period) != renewal_token(other)
    assert period_of_token(renewal_token(other), now=NOW) == other


def test_any_altered_sign_closes_it(period: Period) -> None:
    token = renewal_token(period)

    for place, sign in enumerate(token):
        for other in {"0", "z", "-"} - {sign}:
            altered = token[:place] + other + token[place + 1 :]
            assert period_of_token(altered, now=NOW) is None, altered


def test_the_signature_of_another_period_does_not_fit(period: Period) -> None:
    other = PeriodFactory.create(line=period.line, start_at=period.end_at)
    number = renewal_token(other).partition("-")[0]
    signature = renewal_token(period).partition("-")[2]

    assert period_of_token(f"{number}-{signature}", now=NOW) is None


def test_a_line_that_changed_hands_is_closed_to_the_old_link(period: Period) -> None:
    token = renewal_token(period)
    period.line.customer = UserFactory.create()
    period.line.save()

    assert period_of_token(token, now=NOW) is None
    period.refresh_from_db()
    assert period_of_token(renewal_token(period), now=NOW) == period


def test_a_link_dies_fifteen_days_after_the_end(period: Period) -> None:
    token = renewal_token(period)
    over = period.end_at + KEPT_AFTER_END

    assert period_of_token(token, now=over - timedelta(seconds=1)) == period
    assert period_of_token(token, now=over) is None


def test_a_cancelled_period_is_closed(period: Period) -> None:
    Period.objects.update(state=Period.State.CANCELLED)

    assert period_of_token(renewal_token(period), now=NOW) is None


def test_another_secret_key_closes_every_link(period: Period, settings: object) -> None:
    token = renewal_token(period)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]

    assert period_of_token(token, now=NOW) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "-",
        "1",
        "1-",
        "-abc",
        "1-abc",
        "--",
        "1-abc-def",
        # Beyond every id, and far beyond every address.
        "z" * 10 + "-" + "z" * 13,
        "z" * 11 + "-" + "z" * 13,
        "z" * 100_000,
        "1-" + "z" * 100_000,
        # Digits and letters that only look like ours.
        "１-abc",
        "1-续卡",
        "1-\ud83d",
        "\x00-\x00",
        "1-' OR 1=1",
    ],
)
def test_nonsense_opens_nothing_and_breaks_nothing(period: Period, token: str) -> None:
    assert period_of_token(token, now=NOW) is None
