"""The console finds lines by any spelling and changes nothing that was sold."""

import pytest
from django.test import Client
from django.urls import reverse

from plans.models import Line, PlanVersion
from tests.factories import (
    BrandFactory,
    LineClaimFactory,
    LineFactory,
    PeriodFactory,
    PlanVersionFactory,
    ReminderFactory,
    ServiceOrderFactory,
    SimulatorFaultFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("en")]

MODELS = ["brand", "plan", "line", "serviceorder", "simulatorfault"]
EID = "89049032000000000000000000000163"


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser in which a member of staff with all rights is signed in."""
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def line() -> Line:
    """The line that the searches look for; another of another brand stands beside it."""
    other = BrandFactory.create(region="GB", time_zone="Europe/London", currency="GBP")
    LineFactory.create(brand=other, msisdn="+447400123456", iccid="")
    return LineFactory.create(
        msisdn="+66812345678", eid=EID, public_id="7KQ2M9XW4D", customer__name="王芳"
    )


def found(operator: Client, term: str) -> list[str]:
    """Numbers of the lines that a search in the console lists."""
    page = operator.get(reverse("admin:plans_line_changelist"), {"q": term})
    assert page.status_code == 200
    return [line.msisdn for line in page.context["cl"].result_list]


@pytest.mark.parametrize("model", MODELS)
def test_stranger_may_not_enter(client: Client, model: str) -> None:
    page = client.get(reverse(f"admin:plans_{model}_changelist"))
    assert page.status_code == 302
    assert "login" in page.headers["Location"]


@pytest.mark.parametrize("model", MODELS)
def test_customer_may_not_enter(client: Client, model: str) -> None:
    client.force_login(UserFactory.create())
    page = client.get(reverse(f"admin:plans_{model}_changelist"))
    assert page.status_code in {302, 403}


@pytest.mark.parametrize("model", MODELS)
def test_lists_open(operator: Client, model: str) -> None:
    ServiceOrderFactory.create()
    SimulatorFaultFactory.create()
    page = operator.get(reverse(f"admin:plans_{model}_changelist"))
    assert page.status_code == 200
    assert page.context["cl"].result_count == 1


@pytest.mark.parametrize(
    "term",
    [
        "+66812345678",
        "081-234-5678",
        "０８１２３４５６７８",
        "0066 81 234 5678",
        "5678",
        "8966 0100 0000 0000 010",
        f"{EID[:8]} {EID[8:]}",
        "7kq2m9xw4d",
        "王芳",
    ],
)
def test_line_is_found_by_any_spelling(operator: Client, line: Line, term: str) -> None:
    assert found(operator, term) == [line.msisdn]


def test_line_is_found_by_its_customers_mail(operator: Client, line: Line) -> None:
    assert line.customer is not None
    assert line.customer.email is not None
    assert found(operator, line.customer.email.upper()) == [line.msisdn]


def test_national_form_is_tried_in_every_brands_region(operator: Client, line: Line) -> None:
    assert found(operator, "07400 123456") == ["+447400123456"]


@pytest.mark.parametrize("term", ["678", "+66812345679", "nobody@example.com", "'; --"])
def test_search_that_means_no_line_finds_none(operator: Client, line: Line, term: str) -> None:
    assert found(operator, term) == []


def test_plan_page_shows_its_versions_and_offers_no_change_of_terms(operator: Client) -> None:
    version = PlanVersionFactory.create()
    address = reverse("admin:plans_plan_change", args=[version.plan_id])
    page = operator.get(address)
    assert "฿359.00" in page.content.decode()
    assert page.context["adminform"].form.fields.keys() == {"is_on_sale", "position"}
    answer = operator.post(
        address,
        {
            "position": "5",
            "sku": "OTHER",
            "versions-TOTAL_FORMS": "1",
            "versions-INITIAL_FORMS": "1",
            "versions-0-id": str(version.pk),
            "versions-0-name_en": "Changed",
        },
    )
    assert answer.status_code == 302
    version.refresh_from_db()
    version.plan.refresh_from_db()
    assert (version.name_en, version.plan.sku) == ("Monthly 20 GB", version.plan.sku)
    assert (version.plan.position, version.plan.is_on_sale) == (5, False)


@pytest.mark.parametrize("address", ["admin:plans_plan_add", "admin:plans_serviceorder_add"])
def test_plans_and_network_orders_are_not_made_by_hand(operator: Client, address: str) -> None:
    assert operator.get(reverse(address)).status_code == 403
    assert not PlanVersion.objects.exists()


@pytest.mark.parametrize("model", ["brand", "plan", "line", "serviceorder"])
def test_nothing_that_money_hangs_on_is_deleted(operator: Client, model: str) -> None:
    order = ServiceOrderFactory.create()
    line = order.line
    assert order.period is not None
    pk = {
        "brand": line.brand_id,
        "plan": order.period.version.plan_id,
        "line": line.pk,
        "serviceorder": order.pk,
    }[model]
    page = operator.post(reverse(f"admin:plans_{model}_delete", args=[pk]), {"post": "yes"})
    assert page.status_code == 403
    assert Line.objects.filter(pk=line.pk).exists()


def test_brand_page_offers_maintenance_but_not_the_currency(operator: Client) -> None:
    brand = BrandFactory.create()
    form = operator.get(reverse("admin:plans_brand_change", args=[brand.pk])).context["adminform"]
    assert {"slug", "currency"}.isdisjoint(form.form.fields)
    assert {"maintenance_from_at", "maintenance_until_at"} <= form.form.fields.keys()


def new_line(operator: Client, **fields: str) -> dict[str, list[str]]:
    """Ask the console for a new line; return what it says is wrong."""
    data = {"state": "active", **fields}
    page = operator.post(reverse("admin:plans_line_add"), data)
    return {} if page.status_code == 302 else page.context["adminform"].form.errors


def test_new_line_stores_the_one_spelling(operator: Client) -> None:
    brand = BrandFactory.create()
    written = {"msisdn": "０８１-234-5678", "iccid": "8966 0100 0000 0000 010F"}
    assert new_line(operator, brand=str(brand.pk), **written) == {}
    line = Line.objects.get()
    assert (line.msisdn, line.iccid) == ("+66812345678", "8966010000000000010")
    assert line.balance_minor == 0


def test_new_line_with_a_wrong_number_is_refused(operator: Client, en: object) -> None:
    operator.cookies["django_language"] = "en"
    brand = BrandFactory.create()
    errors = new_line(operator, brand=str(brand.pk), msisdn="12", iccid="8966010000000000011")
    assert errors["msisdn"] == ["This is not a valid phone number. Please check its digits."]
    assert errors["iccid"] == ["This card number (ICCID) has a wrong digit."]
    assert not Line.objects.exists()


def test_new_line_without_a_brand_is_refused(operator: Client) -> None:
    assert "brand" in new_line(operator, msisdn="0812345678")
    assert not Line.objects.exists()


def test_line_page_shows_its_periods_and_changes_the_block_only(operator: Client) -> None:
    period = PeriodFactory.create()
    page = operator.get(reverse("admin:plans_line_change", args=[period.line_id]))
    assert page.status_code == 200
    assert page.context["adminform"].form.fields.keys() == {"is_blocked"}
    assert reverse("admin:plans_period_change", args=[period.pk]) in page.content.decode()


@pytest.mark.parametrize("model", ["period", "reminder", "lineclaim"])
def test_what_belongs_to_a_line_is_found_by_its_number(operator: Client, model: str) -> None:
    for msisdn in ("+66812345678", "+66812345679"):
        line = LineFactory.create(msisdn=msisdn)
        ReminderFactory.create(period__line=line)
        LineClaimFactory.create(line=line)
    page = operator.get(reverse(f"admin:plans_{model}_changelist"), {"q": "081-234-5678"})
    assert [row.line.msisdn for row in page.context["cl"].result_list] == ["+66812345678"]


def test_the_code_of_a_claim_is_nobodys_to_see(operator: Client) -> None:
    claim = LineClaimFactory.create(code_hash="abc123" * 10)
    page = operator.get(reverse("admin:plans_lineclaim_change", args=[claim.pk]))
    assert claim.code_hash not in page.content.decode()
