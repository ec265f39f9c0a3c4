"""One intent to buy: frozen prices, plan version and promised end; its lines and its story."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from plans.chain import Agreed
from plans.models import Line, Period, PlanVersion
from plans.public_ids import new_public_id


def new_order_number() -> str:
    """An order's number, as printed and in URLs, e.g. `XK7KQ2M9XW4D`."""
    return new_public_id("XK")


class OrderQuerySet(models.QuerySet["Order"]):
    def owned_by(self, customer: User) -> "OrderQuerySet":
        """Orders of one customer; every page starts from here."""
        return self.filter(customer=customer)

    def lock(self, pk: int) -> "Order":
        """The order's row, locked; after its line, before its payments (DESIGN.md section 4)."""
        return self.select_for_update().get(pk=pk)


class Order(models.Model):
    """What a customer wants for a line, in one currency; states and moves in DESIGN.md §4."""

    class State(models.TextChoices):
        AWAITING_PAYMENT = "awaiting_payment", _("Awaiting payment")
        PAID = "paid", _("Paid")
        APPLIED = "applied", _("Applied")
        EFFECTIVE = "effective", _("Effective")
        CREDITED = "credited", _("Credited to the balance")
        REFUNDED = "refunded", _("Refunded")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        IN_REVIEW = "in_review", _("Being checked")

    # States in which money may still arrive and become service.
    PAYABLE = (State.AWAITING_PAYMENT, State.EXPIRED, State.CANCELLED)
    # States that end the customer's waiting.
    FINAL = (
        State.EFFECTIVE,
        State.CREDITED,
        State.REFUNDED,
        State.EXPIRED,
        State.CANCELLED,
        State.IN_REVIEW,
    )

    number = models.CharField(
        _("order number"), max_length=16, unique=True, default=new_order_number, editable=False
    )
    customer = models.ForeignKey(
        User, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="orders"
    )
    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="orders"
    )
    state = models.CharField(
        _("state"), max_length=16, choices=State, default=State.AWAITING_PAYMENT
    )
    currency = models.CharField(_("currency"), max_length=3)
    total_minor = models.PositiveBigIntegerField(_("total (smallest coin)"))
    # What the page promised before the click; the end is exclusive.
    promised_start_at = models.DateTimeField(_("promised start"))
    promised_end_at = models.DateTimeField(_("promised end (not included)"))
    # The renewal link it was opened by; then pages lead back there, for nobody is logged in.
    link_token = models.CharField(_("renewal link"), max_length=40, blank=True)
    # Language of the pages and messages of this order.
    language = models.CharField(_("language"), max_length=10)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # When an unpaid order closes.
    expires_at = models.DateTimeField(_("expires at"))
    # The provider's own time of success, clamped to [created, received] (rule 1).
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    effective_at = models.DateTimeField(_("effective at"), null=True, blank=True)
    is_possible_duplicate = models.BooleanField(_("possible duplicate"), default=False)
    # Why a person must look; customer-safe code.
    review_reason = models.CharField(_("reason of the review"), max_length=40, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total_minor__gt=0), name="billing_order_costs"),
            models.CheckConstraint(
                condition=Q(promised_end_at__gt=models.F("promised_start_at")),
                name="billing_order_promise_has_length",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "applied", "effective", "credited"])
                | Q(paid_at__isnull=False),
                name="billing_order_paid_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "effective"]) | Q(applied_at__isnull=False),
                name="billing_order_applied_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="effective") | Q(effective_at__isnull=False),
                name="billing_order_effective_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_review") | ~Q(review_reason=""),
                name="billing_order_review_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state="awaiting_payment"),
                name="billing_order_to_expire",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_payable(self) -> bool:
        """Whether the page offers to pay; late money for closed orders is another matter."""
        return self.state == self.State.AWAITING_PAYMENT

    @property
    def is_final(self) -> bool:
        """Whether the page can stop waiting."""
        return self.state in self.FINAL


class OrderLine(models.Model):
    """One priced line of an order; prices and version are frozen."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan")
        REACTIVATION = "reactivation", _("Re-activation fee")

    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="lines"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    version = models.ForeignKey(
        PlanVersion, verbose_name=_("plan version"), on_delete=models.PROTECT, null=True, blank=True
    )
    # How the period was to lie, as the customer agreed to: a plan's `early_renewal`.
    mode = models.CharField(
        _("how it starts"), max_length=8, choices=PlanVersion.EarlyRenewal, blank=True
    )
    # The running period whose rest the customer agreed to lose.
    replaces = models.ForeignKey(
        Period,
        verbose_name=_("replaces the period"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))
    # Part of the amount that is tax, for the summary and the receipt.
    tax_minor = models.PositiveBigIntegerField(_("tax (smallest coin)"), default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="billing_order_line_kind"),
            models.CheckConstraint(
                condition=Q(kind="plan", version__isnull=False)
                | (~Q(kind="plan") & Q(version__isnull=True)),
                name="billing_order_line_plan",
            ),
            models.CheckConstraint(
                condition=Q(mode="replace", replaces__isnull=False)
                | (~Q(mode="replace") & Q(replaces__isnull=True)),
                name="billing_order_line_replaces",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"

    @property
    def agreed(self) -> Agreed:
        """How the customer agreed that the period would lie."""
        return Agreed(self.mode, self.replaces_id)


class OrderEvent(models.Model):
    """One step of an order's story, written in the step's own transaction; never changed."""

    class Kind(models.TextChoices):
        ORDERED = "ordered", _("Ordered")
        PAYMENT_FAILED = "payment_failed", _("Payment failed")
        PAID = "paid", _("Paid")
        APPLIED = "applied", _("Applied")
        EFFECTIVE = "effective", _("Effective")
        CREDITED = "credited", _("Credited to the balance")
        NETWORK_REFUSED = "network_refused", _("Refused by the network")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        LATE_PAYMENT = "late_payment", _("Paid after closing")
        IN_REVIEW = "in_review", _("Being checked")
        REFUND_STARTED = "refund_started", _("Refund started")
        REFUND_FAILED = "refund_failed", _("Refund failed")
        REFUNDED = "refunded", _("Refunded")

    # Steps that happen once in an order's life.
    ONCE = (
        Kind.ORDERED,
        Kind.PAID,
        Kind.APPLIED,
        Kind.EFFECTIVE,
        Kind.CREDITED,
        Kind.EXPIRED,
        Kind.CANCELLED,
    )

    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="events"
    )
    kind = models.CharField(_("event"), max_length=16, choices=Kind)
    at = models.DateTimeField(_("at"))
    # Who: "customer", "system", or an operator's log-in name.
    by = models.CharField(_("by"), max_length=80, default="system")
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["order", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(
                    kind__in=[
                        "ordered",
                        "paid",
                        "applied",
                        "effective",
                        "credited",
                        "expired",
                        "cancelled",
                    ]
                ),
                name="billing_order_event_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"
