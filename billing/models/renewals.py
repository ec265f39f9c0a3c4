"""The one outcome of a paid order on a line."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.orders import Order
from plans.models import Line, Period, ServiceOrder


class Renewal(models.Model):
    """Unique per order, period and network order: money becomes service exactly once."""

    order = models.OneToOneField(
        Order, verbose_name=_("order"), on_delete=models.PROTECT, related_name="renewal"
    )
    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="renewals"
    )
    period = models.OneToOneField(
        Period, verbose_name=_("period"), on_delete=models.PROTECT, related_name="renewal"
    )
    service_order = models.OneToOneField(
        ServiceOrder,
        verbose_name=_("network order"),
        on_delete=models.PROTECT,
        related_name="renewal",
    )
    applied_at = models.DateTimeField(_("applied at"))
    effective_at = models.DateTimeField(_("effective at"), null=True, blank=True)

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_at__isnull=True)
                | Q(effective_at__gte=models.F("applied_at")),
                name="billing_renewal_effective_after_applied",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.line_id}"
