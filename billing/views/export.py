"""The customer's payments as a file to keep."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from billing.exports import order_table
from billing.selectors.history import history_row, order_history
from billing.views.orders import filter_form
from billing.views.requests import SEE_OTHER, CustomerRequest

# Orders read from the database at a time.
CHUNK = 500


@require_safe
@never_cache
def orders_export(request: CustomerRequest) -> HttpResponseBase:
    """Every own order that the filters let through, as CSV; written while it is sent."""
    now = timezone.now()
    form = filter_form(request, now=now)
    if not form.is_valid():
        messages.error(request, _("There is no such filter, so nothing was exported."))
        return _to_orders()
    items = order_history(request.user, form.wanted)
    response = StreamingHttpResponse(
        order_table(
            (history_row(item) for item in items.iterator(chunk_size=CHUNK)),
            language=get_language() or "zh-hans",
        ),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="xuka-{now:%Y%m%d}.csv"'
    return response


def _to_orders() -> HttpResponse:
    return HttpResponseRedirect(reverse("billing:orders"), status=SEE_OTHER)
