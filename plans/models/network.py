"""Orders to the operator's network, and the tables of the simulated network."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import WorkQuerySet, WorkRow
from plans.models.lines import Line, Period


class ServiceOrder(WorkRow):
    """What the network shall do, keyed by our id: the same id is the same order for ever."""

    class Action(models.TextChoices):
        APPLY_PERIOD = "apply_period", _("Apply a period")

    class State(models.TextChoices):
        DUE = "due", _("To be sent")
        # The network took it and has not finished, or its answer was lost.
        UNDERWAY = "underway", _("Under way")
        COMPLETED = "completed", _("Completed")
        REFUSED = "refused", _("Refused")

    due_states = (State.DUE, State.UNDERWAY)

    public_id = models.UUIDField(_("public id"), unique=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="service_orders"
    )
    period = models.ForeignKey(
        Period,
        verbose_name=_("period"),
        on_delete=models.PROTECT,
        related_name="service_orders",
        null=True,
        blank=True,
    )
    action = models.CharField(_("action"), max_length=14, choices=Action)
    body = models.JSONField(_("content"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DUE)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # The network's own time of completion.
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("network order")
        verbose_name_plural = _("network orders")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at__isnull=True)),
                name="plans_service_order_completed",
            ),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(action="apply_period"),
                name="plans_service_order_applies_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state__in=["due", "underway"]),
                name="plans_service_order_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.public_id}"


class SimulatedOrder(models.Model):
    """The simulated network's own memory of one order; no foreign key into our tables."""

    order_id = models.UUIDField(_("order id"), unique=True)
    body_hash = models.CharField(_("hash of the content"), max_length=64)
    line_ref = models.CharField(_("public id of the line"), max_length=12)
    completes_at = models.DateTimeField(_("completes at"))
    refusal = models.CharField(_("reason of refusal"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("simulated network order")
        verbose_name_plural = _("simulated network orders")

    def __str__(self) -> str:
        return str(self.order_id)


class SimulatorFault(models.Model):
    """What the simulated network shall do wrong for one line, and how often."""

    class Kind(models.TextChoices):
        # Accepts, and completes only after `seconds`.
        DELAY = "delay", _("Confirms late")
        # Does the work, but the answer never arrives.
        LOST_ANSWER = "lost_answer", _("Loses its answer")
        # Answers 5xx and does nothing.
        UNAVAILABLE = "unavailable", _("Not available")
        # Refuses for good.
        REFUSE = "refuse", _("Refuses")

    line_ref = models.CharField(_("public id of the line"), max_length=12)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    # Times it still happens; null = always.
    remaining = models.PositiveIntegerField(_("times left"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)

    class Meta:
        verbose_name = _("simulator fault")
        verbose_name_plural = _("simulator faults")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line_ref} {self.kind}"
