"""The row as queue: the fields every piece of work carries, and the one way to claim it."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class WorkQuerySet[Row: "WorkRow"](models.QuerySet[Row]):
    """Finds and claims work; `due_states` of the model says which states still have work."""

    def due(self, now: datetime) -> Self:
        """Rows with work left whose time has come and which nobody owns."""
        states = self.model.due_states
        # A single state by equality: only then does SQLite take the partial index of due rows.
        has_work = Q(state=states[0]) if len(states) == 1 else Q(state__in=states)
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=now),
            has_work,
            next_try_at__lte=now,
        )

    def claim(self, pk: int, *, now: datetime) -> bool:
        """Take the row for one lease, by one conditional UPDATE; False when another owns it.

        A worker that dies keeps the lease until it runs out, then any sweep may claim again.
        """
        lease = now + timedelta(seconds=settings.WORK_LEASE_SECONDS)
        return bool(
            self.due(now).filter(pk=pk).update(leased_until=lease, attempts=F("attempts") + 1)
        )


class WorkRow(models.Model):
    """A row that is work: due from `next_try_at`, owned until `leased_until`."""

    # Values of `state` that still have work; each model sets its own.
    due_states: tuple[str, ...] = ()

    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        abstract = True


def retry_at(now: datetime, attempts: int) -> datetime:
    """When to try again after `attempts` failures: 5 s, doubling, at most 15 minutes apart."""
    return now + timedelta(seconds=min(5 * 2 ** max(attempts - 1, 0), 900))
