"""What a page may offer to pay with, and why some things are missing."""

from billing.methods import offered_methods
from plans.models import Line
from tests.factories import BrandFactory, LineFactory, PlanVersionFactory


def test_card_is_offered_in_each_currency_the_brands_own_first(db: None) -> None:
    version = PlanVersionFactory.create(prices={"CNY": 7_200, "THB": 35_900, "USD": 1_040})
    offers = offered_methods(version)
    assert [offer.code for offer in offers] == ["card:THB", "card:CNY", "card:USD"]
    assert [offer.amount_minor for offer in offers] == [35_900, 7_200, 1_040]


def test_methods_not_built_yet_are_not_offered(db: None) -> None:
    brand = BrandFactory.create(payment_methods=["alipay", "paypal"])
    assert offered_methods(PlanVersionFactory.create(plan__brand=brand)) == []


def test_currency_no_card_can_charge_is_not_offered(db: None) -> None:
    version = PlanVersionFactory.create(prices={"THB": 35_900, "XAU": 1})
    assert [offer.currency for offer in offered_methods(version)] == ["THB"]


def test_line_that_owes_a_fee_pays_in_the_brands_currency_only(db: None) -> None:
    version = PlanVersionFactory.create()
    line = LineFactory.create(brand=version.plan.brand, state=Line.State.SUSPENDED)
    assert [offer.code for offer in offered_methods(version, line=line)] == ["card:THB"]


def test_offer_names_what_would_be_charged_with_fee_and_tax(db: None) -> None:
    brand = BrandFactory.create(tax_included=False, tax_rate_percent=10)
    version = PlanVersionFactory.create(plan__brand=brand)
    active = LineFactory.create(brand=brand)
    suspended = LineFactory.create(brand=brand, state=Line.State.SUSPENDED)
    offers = offered_methods(version, line=active)
    assert [(offer.currency, offer.amount_minor) for offer in offers] == [
        ("THB", 39_490),
        ("CNY", 7_920),
    ]
    assert [offer.amount_minor for offer in offered_methods(version, line=suspended)] == [50_490]
