"""Brand pages, the catalogue, the comparison and a plan's own page."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans import brand_terms
from plans.coverage import eu_members
from plans.families import FAMILIES
from plans.filter_links import FilterLinks
from plans.forms import PlanFilterForm
from plans.models import Brand
from plans.selectors import catalogue as shop
from plans.selectors.filters import find_plans
from plans.selectors.shelves import shelves

# Plans that fit side by side.
FEWEST, MOST = 2, 4


@login_not_required
@require_safe
@never_cache
def catalogue(request: HttpRequest) -> HttpResponse:
    """Everything on sale, narrowed and ordered by the query; all state is in the address."""
    cards = shop.plan_cards()
    form = PlanFilterForm(cards, request.GET)
    wish = form.wish()
    chosen = form.brands.get(wish.brand)
    links = FilterLinks(form, wish, cards, asked=request.GET)
    context = {
        "section": "plans",
        "theme": chosen.theme if chosen else "",
        "form": form,
        "wish": wish,
        "brand": chosen,
        "family": FAMILIES.get(wish.family),
        "found": find_plans(cards, wish),
        "tabs": links.families(),
        "chips": links.chips(),
        "budgets": links.budgets(),
    }
    return render(request, "plans/catalogue.html", context)


@login_not_required
@require_safe
@never_cache
def compare(request: HttpRequest) -> HttpResponse:
    """Two to four plans side by side: `?sku=…&sku=…`, and `&currency=` for prices in another."""
    skus = list(dict.fromkeys(sku for sku in request.GET.getlist("sku") if sku))
    found = shop.cards_of(skus[:MOST], shown_in=request.GET.get("currency", ""))
    known = {card.plan.sku for card in found}
    context = {
        "section": "plans",
        "cards": found,
        "unknown": [sku for sku in skus[:MOST] if sku not in known],
        "surplus": skus[MOST:],
        "is_too_few": len(found) < FEWEST,
        "is_one_currency": len({card.shown_price.currency for card in found}) == 1,
    }
    return render(request, "plans/compare.html", context)


@login_not_required
@require_safe
@never_cache
def plan(request: HttpRequest, sku: str) -> HttpResponse:
    """One plan with all its terms, and the way to renew a line with it."""
    page = shop.plan_page(sku)
    if page is None:
        raise Http404
    card = page.card
    lines = []
    if request.user.is_authenticated and card.is_buyable:
        lines = shop.lines_for_plan(request.user, card.brand)
    context = {
        "section": "plans",
        "theme": card.brand.theme,
        "page": page,
        "card": card,
        "brand": card.brand,
        "eu_members": eu_members(card.version.zones),
        "maintenance": brand_terms.maintenance(card.brand, now=timezone.now()),
        "lines": lines,
    }
    return render(request, "plans/plan.html", context)


@login_not_required
@require_safe
@never_cache
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """A brand's shop front: who it is, how to reach it, its rules, what it sells."""
    found = get_object_or_404(Brand, slug=slug)
    context = {
        "section": "plans",
        "theme": found.theme,
        "brand": found,
        "maintenance": brand_terms.maintenance(found, now=timezone.now()),
        "query_ways": brand_terms.query_ways(found),
        "payment_names": brand_terms.payment_names(found),
        "stages": brand_terms.stages(found),
        "money_rules": brand_terms.money_rules(found),
        "shelves": shelves(shop.brand_cards(found)),
    }
    return render(request, "plans/brand.html", context)
