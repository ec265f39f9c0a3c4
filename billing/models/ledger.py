"""The ledger: one row per transfer, balanced by construction, never changed, never deleted."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.orders import Order
from billing.models.payments import Payment
from plans.models import Brand, Line


class LedgerAccount(models.Model):
    """Where money of one currency can stand; `code` says it all, e.g. `cash:stripe:THB`."""

    class Kind(models.TextChoices):
        # Money that Stripe holds for us.
        CASH = "cash", _("Cash at Stripe")
        # Paid, and not yet service or refund: what we owe.
        PREPAID = "prepaid", _("Paid in advance")
        # Service delivered to the line.
        REVENUE = "revenue", _("Revenue")
        # A line's main balance.
        BALANCE = "balance", _("Line balance")
        # Where two currencies of one deal meet.
        EXCHANGE = "exchange", _("Exchange")
        # Counterpart of balances that the demo or an operator grants.
        GRANT = "grant", _("Granted by the operator")

    code = models.CharField(_("account"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    currency = models.CharField(_("currency"), max_length=3)
    brand = models.ForeignKey(
        Brand, verbose_name=_("brand"), on_delete=models.PROTECT, null=True, blank=True
    )
    line = models.OneToOneField(
        Line,
        verbose_name=_("line"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_account",
    )

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="balance", line__isnull=False)
                | (~Q(kind="balance") & Q(line__isnull=True)),
                name="billing_account_line",
            )
        ]

    def __str__(self) -> str:
        return self.code


class LedgerEntry(models.Model):
    """One transfer from credit to debit account; triggers refuse UPDATE and DELETE."""

    # What this row stands for, once in the world: `capture:<payment>`, `renewal:<order>` …
    key = models.CharField(_("entry"), max_length=120, unique=True)
    debit = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("debit account"),
        on_delete=models.PROTECT,
        related_name="debits",
    )
    credit = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("credit account"),
        on_delete=models.PROTECT,
        related_name="credits",
    )
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))
    currency = models.CharField(_("currency"), max_length=3)
    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
    )
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="billing_entry_positive"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="billing_entry_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return self.key
