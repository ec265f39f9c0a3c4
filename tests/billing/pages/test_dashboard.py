"""The blocks of a line's page: what is left and for how long, what happened, and the switches."""

import gzip
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Order
from messaging.models import Message
from plans.models import Brand, Bucket, Line, Period, PlanVersion, Reminder
from plans.services.reminders import send_reminders
from tests.billing.conftest import NOW
from tests.billing.pages.conftest import read
from tests.factories import (
    BucketFactory,
    LineFactory,
    PeriodFactory,
    PlanFactory,
    PlanVersionFactory,
    ReminderFactory,
    UsageDayFactory,
)

GB = 1024**3
TODAY = date(2026, 11, 21)
# What the page with its styles may weigh, and its HTML alone; compressed bytes.
HTML_BYTES = 12_000

pytestmark = pytest.mark.django_db


@pytest.fixture
def month_of_use(line: Line) -> None:
    """Half a gigabyte a day for 31 days, two on the 15th."""
    for days_ago in range(31):
        on = TODAY - timedelta(days=days_ago)
        data = 2 * GB if on.day == 15 else GB // 2
        UsageDayFactory.create(line=line, on=on, data_bytes=data)


def page_of(own: Client, line: Line) -> str:
    return read(own, f"/lines/{line.public_id}/")


def test_strip_counts_the_stretch_and_the_rings_add_what_was_stacked(
    own: Client, line: Line, period: Period
) -> None:
    stacked = PeriodFactory.create(
        line=line, version=period.version, start_at=period.end_at, is_stacked=True
    )
    BucketFactory.create(
        period=stacked, used=GB, valid_from=NOW - timedelta(days=1), valid_until=stacked.end_at
    )
    text = page_of(own, line)
    assert "<b>36</b>" in text
    assert "24 of 60 days used" in text
    assert 'aria-label="36 of 60 days left, today included"' in text
    assert 'aria-label="Data left: 25.8 GB of 40 GB left"' in text
    assert "Valid until <time" in text
    assert "Sat 26 Dec 23:59 (Bangkok)" in text
    assert "Paid for and waiting" not in text


def test_allowances_of_a_waiting_period_do_not_count_yet(
    own: Client, line: Line, period: Period
) -> None:
    BucketFactory.create(
        period=PeriodFactory.create(line=line, version=period.version, start_at=period.end_at)
    )
    assert 'aria-label="Data left: 6.8 GB of 20 GB left"' in page_of(own, line)


def test_pack_beside_the_plan_has_its_own_row_and_moves_no_day(
    own: Client, line: Line, period: Period
) -> None:
    pack = PeriodFactory.create(
        line=line,
        version=PlanVersionFactory.create(plan__brand=line.brand, name_en="Pack 10 GB"),
        start_at=NOW - timedelta(days=2),
        end_at=NOW + timedelta(days=5),
        is_parallel=True,
    )
    BucketFactory.create(period=pack, granted=10 * GB, used=4 * GB)
    over = PeriodFactory.create(
        line=line,
        version=PlanVersionFactory.create(plan__brand=line.brand, name_en="Pack over"),
        start_at=NOW - timedelta(days=9),
        end_at=NOW - timedelta(days=2),
        is_parallel=True,
    )
    BucketFactory.create(period=over)
    text = page_of(own, line)
    assert "Your data packs" in text
    assert "Pack 10 GB" in text
    assert '6 GB <small class="muted xs">/ 10 GB</small>' in text
    assert "26 Nov 09:59 (Bangkok)" in text
    assert "<p><strong>Pack over" not in text
    assert "<b>6</b>" in text
    assert 'aria-label="Data left: 6.8 GB of 20 GB left"' in text


@pytest.mark.usefixtures("month_of_use")
def test_use_of_period_and_month_stand_side_by_side(
    own: Client, line: Line, period: Period
) -> None:
    text = page_of(own, line)
    assert re.search(r"this period, since 28 Oct</small></dt><dd>13.2 GB<", text)
    assert re.search(r"this calendar month</small></dt><dd>12 GB<", text)


@pytest.mark.usefixtures("month_of_use")
def test_period_that_is_the_month_is_told_once(own: Client, line: Line, period: Period) -> None:
    start_at = datetime(2026, 10, 31, 17, tzinfo=UTC)
    Period.objects.update(start_at=start_at)
    Bucket.objects.update(valid_from=start_at)
    text = page_of(own, line)
    assert "this period, since 1 Nov" in text
    assert "this calendar month" not in text


@pytest.mark.usefixtures("month_of_use")
def test_bars_show_thirty_days_against_the_even_pace(
    own: Client, line: Line, period: Period
) -> None:
    text = page_of(own, line)
    assert "Data of the last 30 days" in text
    assert len(re.findall(r'<rect class="bar[ "]', text)) == 30
    assert text.count("bar bar--over") == 1
    assert text.count("bar bar--today") == 1
    assert "<title>15 Nov: 2.00 GB</title>" in text
    assert "even pace, 0.67 GB a day" in text
    assert "dd>16.5<small>GB</small>" in text
    assert f'href="/lines/{line.public_id}/usage/"' in text


def test_line_without_reports_has_no_bars(own: Client, line: Line, period: Period) -> None:
    text = page_of(own, line)
    assert '<svg class="bars"' not in text
    assert "Too few days of use are known yet for a forecast." in text


@pytest.mark.usefixtures("month_of_use")
def test_forecast_stands_below_the_rings(own: Client, line: Line, period: Period) -> None:
    assert "note--good" in page_of(own, line)
    Bucket.objects.filter(kind="data").update(used=19 * GB)
    text = page_of(own, line)
    assert "note--warn" in text
    assert "the data runs out on 22 Nov, 4 days before the end." in text


@pytest.mark.usefixtures("month_of_use")
def test_packs_count_in_the_forecast_where_the_plan_works(
    own: Client, line: Line, period: Period
) -> None:
    Bucket.objects.filter(kind="data").update(used=19 * GB)
    pack = PeriodFactory.create(line=line, version=period.version, start_at=NOW, is_parallel=True)
    BucketFactory.create(period=pack, granted=10 * GB)
    text = page_of(own, line)
    assert "enough" in text
    assert "Your data packs are counted in." in text
    Bucket.objects.filter(period=pack).update(scope=["JP"])
    assert "Your data packs are counted in." not in page_of(own, line)


@pytest.mark.usefixtures("month_of_use")
def test_unlimited_data_needs_no_forecast(own: Client, line: Line, period: Period) -> None:
    Bucket.objects.filter(kind="data").update(is_unlimited=True, granted=0)
    text = page_of(own, line)
    assert "At the speed" not in text
    assert "even pace" not in text
    assert 'aria-label="Data left: unlimited"' in text


@pytest.mark.parametrize(
    ("rule", "kbps", "word", "told"),
    [
        ("throttle", 384, "Slowed down", "slows down to 384 kbit/s; nothing is charged on top"),
        ("stop", None, "Data used up", "stops until you renew; nothing is charged on top"),
    ],
)
def test_used_up_data_is_told_in_words_with_what_that_means(
    own: Client, line: Line, period: Period, rule: str, kbps: int | None, word: str, told: str
) -> None:
    PlanVersion.objects.update(after_limit=rule, throttle_kbps=kbps)
    Bucket.objects.filter(kind="data").update(used=20 * GB)
    text = page_of(own, line)
    assert f'<span class="pill pill--warn">{word}</span>' in text
    assert "Wang Fang, your data is used up" in text
    assert f"The data of this period is used up: it {told}." in text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "Updated just now"),
        (1, "Updated 1 minute ago"),
        (59, "Updated 59 minutes ago"),
        (61, "Updated 1 hour ago"),
        (60 * 30, "Updated 20 Nov 04:00"),
    ],
)
def test_age_of_the_figures_is_told(
    own: Client, line: Line, period: Period, minutes: int, text: str
) -> None:
    Bucket.objects.update(measured_at=NOW - timedelta(minutes=minutes))
    assert text in page_of(own, line)


def test_next_renewal_is_named_whatever_the_state(own: Client, line: Line, period: Period) -> None:
    assert "by hand, by 26 Nov" in page_of(own, line)
    Line.objects.update(state="grace", valid_until=NOW - timedelta(days=1))
    Period.objects.update(start_at=NOW - timedelta(days=40), end_at=NOW - timedelta(days=1))
    # 15 whole days behind the 20th, in the middle of which the validity ended.
    assert "by hand, by 5 Dec" in page_of(own, line)
    Line.objects.update(state="active", valid_until=None)
    assert "by hand, whenever you like" in page_of(own, line)


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        ("grace", ("Expired, in grace", "Renew by 6 Dec", "then costs ฿100 on top of the plan.")),
        (
            "suspended",
            ("Suspended", "Re-activate by 20 Jan 2027", "costs ฿100 once", "Buy a new card"),
        ),
        ("quarantine", ("Number on hold", "Ask customer service", "Buy a new card")),
        ("terminated", ("Closed", "Buy a new card")),
        ("pre_active", ("Not activated", "Ask customer service", "help@brand.example")),
        ("active", ("No plan", "Choose a plan")),
    ],
)
def test_line_that_does_not_run_says_what_is_possible_and_until_when(
    own: Client, line: Line, state: str, texts: tuple[str, ...]
) -> None:
    Line.objects.update(state=state, valid_until=datetime(2026, 11, 21, 17, tzinfo=UTC))
    page = page_of(own, line)
    assert "What you can do" in page
    for text in texts:
        assert text in page


def test_line_that_waits_says_that_nothing_is_to_be_done(own: Client, line: Line) -> None:
    PeriodFactory.create(line=line, start_at=NOW + timedelta(days=1))
    page = page_of(own, line)
    assert "Nothing: it starts by itself" in page
    assert "Starts soon" in page


def test_one_button_stands_out(own: Client, line: Line, period: Period) -> None:
    page = page_of(own, line)
    assert page.count("btn--spark") == 1
    assert re.findall(r'class="btn"', page) == []


def test_current_plan_is_offered_first_and_four_at_most(
    own: Client, line: Line, period: Period
) -> None:
    for number in range(5):
        plan = PlanFactory.create(brand=line.brand, sku=f"A-{number}", position=0)
        PlanVersionFactory.create(plan=plan, name_en=f"Other {number}")
    plan = period.version.plan
    plan.position = 9
    plan.save()
    page = page_of(own, line)
    offered = re.findall(r'name="plan" value="([^"]+)"', page)
    assert offered == [plan.sku, "A-0", "A-1", "A-2"]
    assert '<span class="tag">current</span>' in page
    assert page.count('<span class="tag tag--soft">฿17.95 per GB</span>') == 3
    assert "Bank card" in page


def test_orders_and_reminders_are_told_newest_first(
    own: Client, customer: User, line: Line, period: Period, order: Order
) -> None:
    Order.objects.update(created_at=NOW - timedelta(days=10))
    period.end_at = NOW + timedelta(days=3)
    period.save()
    assert send_reminders(now=NOW + timedelta(minutes=1)).found >= 1
    Message.objects.filter(template="period_ending").update(state="sent", sent_at=NOW)
    page = page_of(own, line)
    told = page.index("Reminder sent")
    assert told < page.index(f'href="/orders/{order.number}/"')
    assert re.search(r"today 10:00</time><i class=\"sep\"></i>[^<]*SMS", page)
    assert "3 days before" in page


@pytest.mark.parametrize("state", ["due", "withdrawn", "skipped"])
def test_reminder_that_was_not_told_is_not_listed(
    own: Client, line: Line, period: Period, state: str
) -> None:
    due_at = {"next_try_at": None} if state != "due" else {}
    ReminderFactory.create(period=period, state=state, error="missed", **due_at)
    assert Reminder.objects.exists()
    assert "Reminder sent" not in page_of(own, line)
    assert "3 days before" not in page_of(own, line)


@pytest.mark.parametrize(
    ("state", "code"),
    [("active", "ok"), ("grace", "warn"), ("suspended", "bad"), ("terminated", "off")],
)
def test_chip_of_another_line_tells_its_state_by_word_and_dot(
    own: Client, line: Line, state: str, code: str
) -> None:
    other = LineFactory.create(customer=line.customer, state=state, msisdn="+66812340042")
    PeriodFactory.create(line=other, start_at=NOW, end_at=NOW + timedelta(days=20))
    page = page_of(own, line)
    assert re.search(rf'<i class="dot dot--{code}"></i>[^<]*<i class="sep"></i>0042', page)
    assert page.index(f"/lines/{line.public_id}/") < page.index(f"/lines/{other.public_id}/")


@pytest.mark.parametrize(("days", "code"), [(7, "warn"), (8, "ok")])
def test_chip_warns_from_seven_days_on(own: Client, line: Line, days: int, code: str) -> None:
    other = LineFactory.create(customer=line.customer, msisdn="+66812340042")
    midnight = datetime(2026, 11, 20, 17, tzinfo=UTC)
    PeriodFactory.create(
        line=other, start_at=NOW - timedelta(days=9), end_at=midnight + timedelta(days=days)
    )
    assert re.search(rf"dot--{code}\"></i>[^<]*<i class=\"sep\"></i>0042", page_of(own, line))


@pytest.mark.usefixtures("month_of_use")
def test_page_weighs_little(own: Client, line: Line, period: Period, order: Order) -> None:
    LineFactory.create_batch(4, customer=line.customer, brand=line.brand)
    html = own.get(f"/lines/{line.public_id}/").content
    assert len(gzip.compress(html)) <= HTML_BYTES


def test_brand_s_zone_decides_what_today_is(own: Client, line: Line, period: Period) -> None:
    Brand.objects.update(time_zone="America/Los_Angeles")
    UsageDayFactory.create(line=line, on=date(2026, 11, 20), data_bytes=GB)
    page = page_of(own, line)
    assert "Fri 20 Nov" in page
    assert re.search(r"Today</dt><dd>1.00<small>GB", page)
    assert timezone.now().date() == TODAY
