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


class NetworkEvent(models.Model):
    """A verified callback, stored once. It says that there is news; the state is asked for."""

    event_id = models.CharField(_("event id"), max_length=120, unique=True)
    order_id = models.UUIDField(_("order id"))
    # Null when the network tells of an order that is none of ours.
    service_order = models.ForeignKey(
        ServiceOrder,
        verbose_name=_("network order"),
        on_delete=models.PROTECT,
        related_name="events",
        null=True,
        blank=True,
    )
    # The network's own word, kept for the story only.
    said = models.CharField(_("what the network said"), max_length=40, blank=True)
    body = models.JSONField(_("content"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("network event")
        verbose_name_plural = _("network events")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["service_order", "received_at"], name="plans_network_event_news")
        ]

    def __str__(self) -> str:
        return self.event_id


class NetworkReconciliation(models.Model):
    """One comparison of our lines with the network's; the next begins where this one did."""

    started_at = models.DateTimeField(_("started at"))
    changed_since = models.DateTimeField(_("changed since"))
    # False when it broke off: the next one looks at the same stretch again.
    is_complete = models.BooleanField(_("asked to the end"), default=False)
    line_count = models.PositiveIntegerField(_("lines compared"), default=0)
    found_count = models.PositiveIntegerField(_("differences found"), default=0)
    closed_count = models.PositiveIntegerField(_("differences gone"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("comparison with the network")
        verbose_name_plural = _("comparisons with the network")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class NetworkDifference(models.Model):
    """What the network holds of a line otherwise than we do; work for a person."""

    class Field(models.TextChoices):
        LINE = "line", _("The line itself")
        MSISDN = "msisdn", _("Phone number")
        ICCID = "iccid", _("SIM card")
        STATE = "state", _("State")
        SERVICE_UNTIL = "service_until", _("End of the plan")

    class State(models.TextChoices):
        OPEN = "open", _("To be settled")
        # A later comparison found both sides equal.
        CLOSED = "closed", _("Gone")

    # Null when the network names a line that we do not have.
    line = models.ForeignKey(
        Line,
        verbose_name=_("line"),
        on_delete=models.PROTECT,
        related_name="network_differences",
        null=True,
        blank=True,
    )
    line_ref = models.CharField(_("public id of the line"), max_length=60)
    field = models.CharField(_("what differs"), max_length=13, choices=Field)
    ours = models.CharField(_("with us"), max_length=60, blank=True)
    theirs = models.CharField(_("at the network"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(_("found at"))
    closed_at = models.DateTimeField(_("gone since"), null=True, blank=True)

    class Meta:
        verbose_name = _("difference from the network")
        verbose_name_plural = _("differences from the network")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line_ref", "field"],
                condition=Q(state="open"),
                name="plans_network_difference_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False),
                name="plans_network_difference_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_ref} {self.field}"


class SimulatedOrder(models.Model):
    """The simulated network's own memory of one order; no foreign key into our tables."""

    order_id = models.UUIDField(_("order id"), unique=True)
    body_hash = models.CharField(_("hash of the content"), max_length=64)
    line_ref = models.CharField(_("public id of the line"), max_length=12)
    # The order as it came, for what this network tells of its lines.
    body = models.JSONField(_("content"), default=dict)
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
        # Tells of an order by the same event, twice, before its own answer arrives.
        DUPLICATE_CALLBACK = "duplicate_callback", _("Calls back twice")

    line_ref = models.CharField(_("public id of the line"), max_length=12)
    kind = models.CharField(_("kind"), max_length=18, choices=Kind)
    # Times it still happens; null = always.
    remaining = models.PositiveIntegerField(_("times left"), null=True, blank=True)
    seconds = models.PositiveIntegerField(_("seconds"), default=0)

    class Meta:
        verbose_name = _("simulator fault")
        verbose_name_plural = _("simulator faults")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line_ref} {self.kind}"
