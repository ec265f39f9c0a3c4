"""The filter of the catalogue as a visitor uses it: all state in the address, nothing lost."""

import pytest
from django.test import Client

from plans.models import Brand
from tests.factories import BrandFactory
from tests.plans.pages.selling import GB, read, sell, skus, words

Headers = dict[str, str]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    """A Thai brand with prices in baht and yuan, a British one in pounds and euro."""
    hongka = BrandFactory.create(slug="hongka", name_en="Hongka", position=1)
    sell(hongka, "HK-M", prices={"THB": 35_900, "CNY": 7_200})
    sell(
        hongka,
        "HK-D",
        "data_pack",
        validity_count=7,
        allowances={"data": 10 * GB},
        prices={"THB": 15_500, "CNY": 3_100},
    )
    sell(hongka, "HK-K", "keepalive", allowances={}, prices={"THB": 1_800})
    laika = BrandFactory.create(
        slug="laika", name_en="Laika", currency="GBP", region="GB", position=2
    )
    sell(
        laika,
        "LK-S",
        allowances={"data": 5 * GB, "voice": None, "sms": None},
        prices={"GBP": 720, "EUR": 830},
        zones=["GB"],
    )
    sell(
        laika,
        "LK-L",
        validity_count=1,
        validity_unit="month",
        allowances={"data": 60 * GB, "voice": None},
        prices={"GBP": 1_560, "EUR": 1_820},
        zones=["GB", "EU"],
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["HK-M", "HK-D", "HK-K", "LK-L", "LK-S"]),
        ("brand=laika", ["LK-L", "LK-S"]),
        ("family=data_pack", ["HK-D"]),
        ("brand=laika&family=data_pack", []),
        ("needs=data", ["HK-M", "HK-D", "LK-L", "LK-S"]),
        ("needs=voice&needs=sms", ["HK-M", "LK-S"]),
        ("needs=abroad", ["LK-L"]),
        ("country=TH", ["HK-M", "HK-D", "HK-K"]),
        ("country=FR", ["LK-L"]),
        ("gb=20", ["HK-M", "LK-L"]),
        ("gb=0.5&days=8", ["HK-M", "LK-L", "LK-S"]),
        ("days=28", ["HK-M", "HK-K", "LK-L", "LK-S"]),
        # A month may have 28 days only: it is no promise of 30.
        ("days=30", ["HK-M", "HK-K", "LK-S"]),
        ("currency=CNY", ["HK-M", "HK-D"]),
        ("budget=50&currency=CNY", ["HK-D"]),
        ("budget=１５５&currency=THB", ["HK-D", "HK-K"]),
        ("budget=155.00&brand=hongka", ["HK-D", "HK-K"]),
        ("budget=154.99&brand=hongka", ["HK-K"]),
        ("budget=1,000&currency=THB", ["HK-M", "HK-D", "HK-K"]),
        ("brand=laika&sort=price", ["LK-S", "LK-L"]),
        ("brand=laika&sort=gb", ["LK-L", "LK-S"]),
        ("brand=laika&sort=day", ["LK-S", "LK-L"]),
        ("sort=data", ["LK-L", "HK-M", "HK-D", "LK-S", "HK-K"]),
        ("sort=minutes", ["LK-L", "LK-S", "HK-M", "HK-D", "HK-K"]),
        ("currency=CNY&sort=gb", ["HK-D", "HK-M"]),
    ],
)
def test_catalogue_shows_what_fits_in_the_order_asked_for(
    client: Client, en: Headers, query: str, expected: list[str]
) -> None:
    page = read(client, f"/plans/?{query}", en)
    assert skus(page) == expected
    plans = "1 plan" if len(expected) == 1 else f"{len(expected)} plans"
    assert f">{plans}</h2>" in page


def test_prices_stand_in_the_currency_asked_for(client: Client, en: Headers) -> None:
    said = words(read(client, "/plans/?currency=CNY", en))
    assert "¥72 30 days" in said
    assert "¥3.60 per GB" in said
    assert "฿359" not in said


def test_brands_without_a_price_in_the_currency_are_named(client: Client, en: Headers) -> None:
    said = words(read(client, "/plans/?budget=50&currency=CNY", en))
    assert "3 plans that fit have no price in CNY and are left out" in said
    assert "No price in it at all: Laika" in said


def test_order_by_price_is_never_drawn_across_currencies(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?sort=price", en)
    assert "this order holds within each brand" in page
    assert skus(page) == ["HK-K", "HK-D", "HK-M", "LK-S", "LK-L"]
    assert "this order holds" not in read(client, "/plans/?sort=price&brand=laika", en)


def test_lowest_price_per_gb_is_marked_within_one_currency_only(
    client: Client, en: Headers
) -> None:
    assert "Lowest price per GB of these" not in read(client, "/plans/", en)
    page = read(client, "/plans/?brand=laika", en)
    assert page.count("Lowest price per GB of these") == 1
    best = page.partition("pcard--best")[2].partition("</article>")[0]
    assert skus(f"<article{best}") == ["LK-L"]


@pytest.mark.parametrize(
    ("query", "field", "text", "expected"),
    [
        ("budget=100&needs=data", "currency", "In which currency is your budget?", 4),
        ("budget=cheap&currency=THB", "budget", "Please give a figure", 3),
        ("budget=7,20&brand=laika", "budget", "Please give a figure", 2),
        ("budget=-5&currency=THB", "budget", "Please give a figure", 3),
        ("budget=1.005&currency=THB", "budget", "THB has no coin as small as that.", 3),
        ("budget=99999999999&currency=THB", "budget", "That is more than any plan has.", 3),
        ("budget=100&currency=XXX", "currency", "There is no such choice.", 5),
        ("gb=many&brand=laika", "gb", "Please give a figure", 2),
        ("gb=1e9", "gb", "Please give a figure", 5),
        ("days=1.5", "days", "Please give whole days.", 5),
        ("days=4000", "days", "That is more than any plan has.", 5),
        ("country=ZZ", "country", "There is no such choice.", 5),
        ("brand=nobody", "brand", "There is no such choice.", 5),
        ("sort=best", "sort", "There is no such choice.", 5),
        ("needs=everything", "needs", "There is no such choice.", 5),
    ],
)
def test_bad_answer_is_named_beside_its_field_and_the_rest_holds(
    client: Client, en: Headers, query: str, field: str, text: str, expected: int
) -> None:
    page = read(client, f"/plans/?{query}", en)
    at_field = page.partition(f'id="id_{field}_error"')[2].partition("</div>")[0]
    assert text in at_field
    assert len(skus(page)) == expected
    assert "filter--open" in page


def test_bad_answer_stays_in_its_box(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?gb=%3Cscript%3E&needs=voice", en)
    assert 'value="&lt;script&gt;"' in page
    assert "<script>" not in page
    assert skus(page) == ["HK-M", "LK-L", "LK-S"]


def test_unknown_kind_of_plan_is_said(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?family=nothing", en)
    assert "There is no such kind of plan." in page
    assert len(skus(page)) == 5


@pytest.mark.parametrize("query", ["gb=%00", "budget=%FF&currency=%00", "needs=%00", "brand=%00"])
def test_query_that_is_no_text_is_no_server_error(client: Client, query: str) -> None:
    assert client.get(f"/plans/?{query}").status_code == 200


def test_each_chip_takes_one_condition_away_and_keeps_the_others(
    client: Client, en: Headers
) -> None:
    page = read(
        client, "/plans/?brand=laika&needs=data&needs=voice&country=FR&gb=5&budget=20&sort=gb", en
    )
    for label, query in {
        "Laika": "needs=data&amp;needs=voice&amp;country=FR&amp;gb=5&amp;budget=20&amp;sort=gb",
        "Calls": "brand=laika&amp;needs=data&amp;country=FR&amp;gb=5&amp;budget=20&amp;sort=gb",
        "Works in: France": "brand=laika&amp;needs=data&amp;needs=voice&amp;gb=5&amp;budget=20&amp;sort=gb",
        "At least 5 GB": "brand=laika&amp;needs=data&amp;needs=voice&amp;country=FR&amp;budget=20&amp;sort=gb",
        "Up to £20": "brand=laika&amp;needs=data&amp;needs=voice&amp;country=FR&amp;gb=5&amp;sort=gb",
    }.items():
        link = page.partition(f'href="?{query}"')[2].partition("</a>")[0]
        assert label in link


def test_tab_keeps_what_was_asked_and_the_form_keeps_the_tab(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?gb=5&family=monthly", en)
    assert 'href="?family=data_pack&amp;gb=5"' in page
    assert '<input type="hidden" name="family" value="monthly"' in page
    assert "For long use and a steady need of data." in page


def test_budgets_to_tap_come_in_the_currency_of_the_brand(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?brand=hongka", en)
    assert 'href="?brand=hongka&amp;budget=200&amp;currency=THB"' in page
    assert "up to ฿200" in page
    assert "up to ฿500" not in page


def test_nothing_found_offers_a_way_out_of_each_condition(client: Client, en: Headers) -> None:
    page = read(client, "/plans/?gb=500&country=FR", en)
    assert skus(page) == []
    assert "No plan fits all of this" in page
    assert 'href="?gb=500">Without “Works in: France”' in page


def test_empty_shop_says_so(client: Client, en: Headers) -> None:
    Brand.objects.get(slug="hongka").plans.update(is_on_sale=False)
    Brand.objects.get(slug="laika").plans.update(is_on_sale=False)
    assert ">0 plans</h2>" in read(client, "/plans/", en)
