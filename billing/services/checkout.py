"""From the customer's click to the hosted page: our rows are committed before Stripe is asked."""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from billing.errors import CheckoutRefused, ProviderRefused, ProviderUnavailable
from billing.methods import CURRENCIES
from billing.models import Order, OrderEvent, OrderLine, Payment
from billing.services.notices import withdraw_failure
from billing.services.orders import move_order, record_event
from billing.services.quotes import Quote, quote_renewal
from billing.services.settlement import settle_payment
from billing.stripe_client import (
    SessionItem,
    SessionRequest,
    create_session,
    expire_session,
)
from messaging.formats import masked
from plans.models import Line, PlanVersion
from plans.validity import last_local_day

# A page about to close is not worth sending a customer to.
LEAST_TIME_LEFT = timedelta(minutes=2)
# Stripe opens no page for less than half an hour: an attempt without a page ages faster.
LEAST_TIME_TO_OPEN = timedelta(minutes=30, seconds=5)
# The smallest charge in minor units that Stripe takes; it names none for CNY and converts half a
# US dollar.
LEAST_CHARGE_MINOR = {"THB": 1000, "CNY": 400, "USD": 50, "EUR": 50, "GBP": 30}
# Stripe's locale names for ours.
STRIPE_LOCALES = {"zh-hans": "zh", "en": "en"}


def start_checkout(  # noqa: PLR0913 (a checkout has this many parts)
    *,
    line: Line,
    version: PlanVersion,
    currency: str,
    method: str,
    customer: User,
    language: str,
    return_base: str,
    now: datetime,
    link_token: str = "",
    may_replace: bool = False,
) -> str:
    """Freeze price and promised end in an order, and return the hosted page's address.

    A second click, another tab or the back button find the same open order and the same page.
    `link_token` is the renewal link the order is opened by; `may_replace` says that the customer
    agreed to lose the rest of the running period, where the plan replaces it. Raises CheckoutRefused (nothing written) or ProviderUnavailable (the order stands and can be
    paid later; it is on the error's `order`).
    """
    is_offered = method in line.brand.payment_methods
    if not is_offered or currency not in CURRENCIES.get(method, frozenset()):
        raise CheckoutRefused(_("This way to pay is not available in this currency."))
    with transaction.atomic():
        locked = Line.objects.lock(line.pk)
        _require_owner(locked, customer.pk)
        quote = quote_renewal(line=locked, version=version, currency=currency, now=now)
        if quote.total_minor < LEAST_CHARGE_MINOR[currency]:
            raise CheckoutRefused(_("This amount is too small to be paid this way."))
        if quote.loses and not may_replace:
            raise CheckoutRefused(_("Please agree to lose the rest of the running period first."))
        payment = _open_payment(
            quote, customer=customer, link_token=link_token, now=now
        ) or place_order(
            quote,
            method=method,
            customer=customer,
            language=language,
            return_base=return_base,
            now=now,
            link_token=link_token,
        )
    return open_session(payment, now=now)


def resume_checkout(*, order: Order, return_base: str, now: datetime) -> str:
    """Return a hosted page for an order that is not paid yet: the open one, or a new attempt.

    Raises CheckoutRefused when the order can no longer be paid, or what it promised no longer
    holds; ProviderUnavailable when Stripe cannot be asked now.
    """
    latest = order.payments.order_by("-pk").first()
    if latest is not None and latest.state in Payment.due_states:
        latest = settle_payment(payment_id=latest.pk, now=now)
    with transaction.atomic():
        line = Line.objects.lock(order.line_id)
        locked = Order.objects.lock(order.pk)
        if not locked.is_payable:
            raise CheckoutRefused(_("This order can no longer be paid."))
        _require_owner(line, locked.customer_id)
        payment = locked.payments.filter(_is_usable(now)).first() or _new_attempt(
            locked, line=line, return_base=return_base, now=now
        )
    return open_session(payment, now=now)


def cancel_order(*, order: Order, by: str, now: datetime) -> None:
    """Close an unpaid order at the customer's wish and its hosted page with it.

    Money that arrives all the same is settled like any late payment.
    Raises CheckoutRefused when the order is not waiting for payment.
    """
    with transaction.atomic():
        Line.objects.lock(order.line_id)
        locked = Order.objects.lock(order.pk)
        if not locked.is_payable:
            raise CheckoutRefused(_("This order can no longer be cancelled."))
        move_order(locked, Order.State.CANCELLED)
        record_event(locked, OrderEvent.Kind.CANCELLED, at=now, by=by)
        withdraw_failure(locked)
    for payment in order.payments.filter(
        state__in=Payment.due_states, stripe_session_id__isnull=False
    ):
        try:
            expire_session(payment.stripe_session_id or "")
            settle_payment(payment_id=payment.pk, now=now)
        except (ProviderUnavailable, ProviderRefused):
            # Unreachable, or paid this very moment: the next reading of the session tells.
            continue


def open_session(payment: Payment, *, now: datetime) -> str:
    """Ask Stripe for the payment's hosted page; the stable key makes a repeated call harmless.

    Raises ProviderUnavailable with the order attached; the row stays and can be tried again.
    """
    if payment.stripe_session_id and payment.checkout_url:
        return payment.checkout_url
    try:
        session = create_session(session_request(payment))
    except ProviderUnavailable as error:
        raise ProviderUnavailable(str(error), order=payment.order) from error
    except ProviderRefused as error:
        Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED).update(
            state=Payment.State.FAILED, failure_code=error.code[:60], error=str(error)[:500]
        )
        raise ProviderUnavailable(str(error), order=payment.order) from error
    Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED).update(
        state=Payment.State.PENDING,
        stripe_session_id=session.session_id,
        checkout_url=session.url,
        next_try_at=now + timedelta(minutes=2),
    )
    return session.url


def _require_owner(line: Line, customer_id: int) -> None:
    """Refuse what would be paid for a line that has another owner by now."""
    if line.customer_id != customer_id:
        raise CheckoutRefused(_("This line is no longer in your account."))


def session_request(payment: Payment) -> SessionRequest:
    """The call for a payment's hosted page, made from frozen rows only, so that it is the same
    whenever it is repeated."""
    order = payment.order
    success, cancel = _ways_back(order)
    with translation.override(order.language):
        items = tuple(
            SessionItem(name=_item_name(item, order), amount_minor=item.amount_minor)
            for item in order.lines.select_related("version").order_by("pk")
        )
        display_name = _("%(brand)s (demo)") % {"brand": order.line.brand.name}
    return SessionRequest(
        idempotency_key=f"checkout:{payment.public_id}",
        order_number=order.number,
        payment_id=str(payment.public_id),
        currency=payment.currency,
        items=items,
        method=payment.method,
        locale=STRIPE_LOCALES.get(order.language, "auto"),
        success_url=urljoin(payment.return_base, f"{success}?session={{CHECKOUT_SESSION_ID}}"),
        cancel_url=urljoin(payment.return_base, cancel),
        expires_at=payment.expires_at,
        display_name=display_name,
    )


def _item_name(item: OrderLine, order: Order) -> str:
    if item.version is None:
        return _("Re-activation fee")
    number = order.line.msisdn
    return f"{item.version.name} · {masked(number) if order.link_token else number}"


def _ways_back(order: Order) -> tuple[str, str]:
    """Paths after paying and after giving up; back to the link for an order opened by one, for
    whoever pays it is not logged in."""
    if order.link_token:
        return (
            reverse("billing:renewal-link-return", args=[order.link_token]),
            reverse("billing:renewal-link", args=[order.link_token]),
        )
    return (
        reverse("billing:return", args=[order.number]),
        reverse("billing:order", args=[order.number]),
    )


def _open_payment(
    quote: Quote, *, customer: User, link_token: str, now: datetime
) -> Payment | None:
    """The payment of an order that promises just what this quote does and is still open."""
    payments = (
        Payment.objects.filter(
            _is_usable(now),
            order__link_token=link_token,
            order__line=quote.line,
            order__customer=customer,
            order__state=Order.State.AWAITING_PAYMENT,
            order__currency=quote.currency,
            order__lines__version=quote.version,
        )
        .select_related("order__line__brand")
        .order_by("pk")
    )
    for payment in payments:
        item = payment.order.lines.get(kind=OrderLine.Kind.PLAN)
        if _is_promised(quote, payment.order, item):
            return payment
    return None


def _is_usable(now: datetime) -> Q:
    """Payments whose page is worth sending a customer to: open, or still to be opened."""
    is_open = Q(stripe_session_id__isnull=False, expires_at__gt=now + LEAST_TIME_LEFT)
    can_open = Q(stripe_session_id__isnull=True, expires_at__gt=now + LEAST_TIME_TO_OPEN)
    return Q(state__in=Payment.due_states) & (is_open | can_open)


def _is_promised(quote: Quote, order: Order, item: OrderLine) -> bool:
    """Whether the order promises what the quote does, `item` being its plan."""
    last_on = last_local_day(order.promised_end_at, quote.line.brand.zone)
    lies_alike = quote.agreed == item.agreed
    return lies_alike and quote.promise == (order.total_minor, last_on)


def place_order(
    quote: Quote,
    *,
    method: str,
    customer: User,
    language: str,
    return_base: str,
    now: datetime,
    link_token: str = "",
) -> Payment:
    """Write the order of a quote, with its lines, its first event and its first payment."""
    order = Order.objects.create(
        customer=customer,
        line=quote.line,
        currency=quote.currency,
        total_minor=quote.total_minor,
        promised_start_at=quote.starts_at,
        promised_end_at=quote.ends_at,
        language=language,
        link_token=link_token,
        expires_at=now + timedelta(minutes=settings.CHECKOUT_MINUTES),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            kind=item.kind,
            version=quote.version if item.kind == OrderLine.Kind.PLAN else None,
            mode=quote.mode if item.kind == OrderLine.Kind.PLAN else "",
            replaces=quote.loses.period
            if quote.loses and item.kind == OrderLine.Kind.PLAN
            else None,
            amount_minor=item.amount_minor,
            tax_minor=item.tax_minor,
        )
        for item in quote.items
    )
    by = "link" if link_token else "customer"
    record_event(order, OrderEvent.Kind.ORDERED, at=now, by=by)
    return _new_payment(order, method=method, return_base=return_base, now=now)


def _new_attempt(order: Order, *, line: Line, return_base: str, now: datetime) -> Payment:
    """A further try to pay the same order, as long as its promise still holds."""
    item = order.lines.select_related("version__plan").get(kind=OrderLine.Kind.PLAN)
    assert item.version is not None  # noqa: S101 (constraint billing_order_line_plan)
    quote = quote_renewal(line=line, version=item.version, currency=order.currency, now=now)
    if not _is_promised(quote, order, item):
        raise CheckoutRefused(
            _("Price or dates have changed since this order. Please order again.")
        )
    order.expires_at = now + timedelta(minutes=settings.CHECKOUT_MINUTES)
    order.save(update_fields=["expires_at"])
    last = order.payments.order_by("-pk").first()
    method = last.method if last else Payment.Method.CARD
    return _new_payment(order, method=method, return_base=return_base, now=now)


def _new_payment(order: Order, *, method: str, return_base: str, now: datetime) -> Payment:
    return Payment.objects.create(
        order=order,
        method=method,
        currency=order.currency,
        amount_minor=order.total_minor,
        return_base=return_base,
        expires_at=order.expires_at,
        # Should this process die before the session is stored, the customer's next click asks
        # again with the same key; what nobody asks for again is closed after its time.
        next_try_at=now + timedelta(minutes=1),
    )
