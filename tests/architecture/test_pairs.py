"""A time that belongs to a state or to a person is tied to it in the database itself."""

from django.db import models
from django.db.models import Q
from django.test.utils import isolate_apps

from tests.architecture.pairs import our_models, times_left_open

# Fields that stand alone, each with the reason; a name without a model holds for every model.
ALONE = {
    "next_try_at": "a work row's plan: due only together with a state that has work",
    "leased_until": "a worker's claim, which runs out by itself whatever the state",
    "last_login": "Django's own, a note without consequence",
    "Bucket.measured_at": "when the network last told us; null = never, in any state",
    "Line.valid_until": "the number's own clock; the states follow it, not the other way round",
    "Payment.failed_attempt_at": "the last refusal; a payment refused once may still be paid",
    "User.identity_verified_at": "is the state itself: null = not checked",
}


def test_every_time_that_may_be_missing_is_tied_by_a_check_or_listed() -> None:
    untied = [name for model in our_models() for name in times_left_open(model)]

    assert [name for name in untied if name not in ALONE and name.split(".")[1] not in ALONE] == []


def test_the_list_of_exceptions_has_no_dead_entry() -> None:
    untied = {name for model in our_models() for name in times_left_open(model)}
    untied |= {name.split(".")[1] for name in untied}

    assert set(ALONE) - untied == set()


@isolate_apps("tests")
def test_a_time_that_no_check_mentions_would_be_found() -> None:
    class Loose(models.Model):  # noqa: DJ008 (a sample)
        state = models.CharField(max_length=4)
        paid_at = models.DateTimeField(null=True)
        closed_by = models.CharField(max_length=80, null=True)  # noqa: DJ001 (the sample's point)
        created_at = models.DateTimeField()

        class Meta:
            app_label = "tests"
            constraints = [models.CheckConstraint(condition=Q(state="paid"), name="loose")]

    assert times_left_open(Loose) == ["Loose.paid_at", "Loose.closed_by"]


@isolate_apps("tests")
def test_a_time_in_a_check_passes_wherever_it_stands_in_it() -> None:
    class Tied(models.Model):  # noqa: DJ008 (a sample)
        state = models.CharField(max_length=4)
        paid_at = models.DateTimeField(null=True)
        used_at = models.DateTimeField(null=True)
        from_at = models.DateTimeField(null=True)
        until_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "tests"
            constraints = [
                models.CheckConstraint(
                    condition=~Q(state="paid") | (Q(state="paid") & Q(paid_at__isnull=False)),
                    name="paid",
                ),
                models.UniqueConstraint(
                    fields=["state"], condition=Q(used_at__isnull=True), name="used"
                ),
                models.CheckConstraint(
                    condition=Q(until_at__gt=models.F("from_at")), name="window"
                ),
            ]

    assert times_left_open(Tied) == []
