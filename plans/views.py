"""Brand pages, the catalogue and a plan's own page."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.models import Brand
from plans.selectors import catalogue as shop


@login_not_required
@require_safe
@never_cache
def catalogue(request: HttpRequest) -> HttpResponse:
    """Everything on sale; `?brand=` and `?family=` narrow it, unknown values find nothing."""
    slug, family = request.GET.get("brand", ""), request.GET.get("family", "")
    brands = list(shop.brands())
    chosen = next((brand for brand in brands if brand.slug == slug), None)
    cards = shop.plan_cards(slug)
    context = {
        "section": "plans",
        "theme": chosen.theme if chosen else "",
        "brands": brands,
        "brand": chosen,
        "slug": slug,
        "family": family,
        "families": shop.family_labels(cards),
        "shelves": shop.shelves(cards, family),
    }
    return render(request, "plans/catalogue.html", context)


@login_not_required
@require_safe
@never_cache
def plan(request: HttpRequest, sku: str) -> HttpResponse:
    """One plan with all its terms, and the way to renew a line with it."""
    card = shop.plan_card(sku)
    if card is None:
        raise Http404
    lines = []
    if request.user.is_authenticated and card.is_period_plan:
        lines = shop.lines_for_plan(request.user, card.brand)
    context = {
        "section": "plans",
        "theme": card.brand.theme,
        "card": card,
        "after_limit": shop.after_limit_text(card.version),
        "lines": lines,
    }
    return render(request, "plans/plan.html", context)


@login_not_required
@require_safe
@never_cache
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    """A brand's shop front: who it is, how to reach it, what it sells."""
    found = get_object_or_404(Brand, slug=slug)
    context = {
        "section": "plans",
        "theme": found.theme,
        "brand": found,
        "shelves": shop.shelves(shop.plan_cards(slug)),
    }
    return render(request, "plans/brand.html", context)
