"""What a line used: every record of the operator's system, and its sums by day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import WorkQuerySet, WorkRow
from plans.models.lines import Line

# Longest of the operator's own ids: record, source, bucket.
RECORD_ID_LENGTH, SOURCE_LENGTH, BUCKET_CODE_LENGTH = 64, 32, 32


class UsageDay(models.Model):
    """One line, one local day of its brand: history, never what is left (the snapshot says that).

    Each figure is the sum of the day's records (I11). A correction that arrives before what it
    corrects makes it negative for a while.
    """

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="usage_days"
    )
    # The day in the brand's zone.
    on = models.DateField(_("day"))
    data_bytes = models.BigIntegerField(_("data (bytes)"), default=0)
    voice_seconds = models.BigIntegerField(_("calls (seconds)"), default=0)
    sms_count = models.BigIntegerField(_("texts"), default=0)

    class Meta:
        verbose_name = _("day of use")
        verbose_name_plural = _("days of use")
        ordering = ["line", "on"]
        constraints = [
            models.UniqueConstraint(fields=["line", "on"], name="plans_usage_one_row_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.on}"


class UsageFile(models.Model):
    """One file of records by the operator's own numbering; a number that is missing is an alarm."""

    class State(models.TextChoices):
        # Some of its rows are in; the import was interrupted or goes on.
        IMPORTING = "importing", _("Being imported")
        IMPORTED = "imported", _("Imported")

    # The system that counted, and its number of the file.
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH)
    file_seq = models.BigIntegerField(_("number of the file"))
    # Of the content in which the number was last seen.
    sha256 = models.CharField(_("hash of the content"), max_length=64)
    # Records accepted from it; repeats and refusals are not in here.
    rows = models.PositiveBigIntegerField(_("records"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.IMPORTING)
    received_at = models.DateTimeField(_("received at"))
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of use")
        verbose_name_plural = _("files of use")
        ordering = ["source", "-file_seq"]
        constraints = [
            models.UniqueConstraint(fields=["source", "file_seq"], name="plans_usage_file_number"),
            models.CheckConstraint(
                condition=Q(state="imported", imported_at__isnull=False)
                | Q(state="importing", imported_at__isnull=True),
                name="plans_usage_file_imported",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.file_seq}"


class UsageRecord(models.Model):
    """One session, call or text as the operator rated it; never changed, corrected by another.

    No cell, no number of the other side: only what the customer's own page needs.
    """

    class Type(models.TextChoices):
        DATA = "data", _("Data")
        VOICE = "voice", _("Calls")
        SMS = "sms", _("Texts")
        OTHER = "other", _("Other")

    source = models.CharField(_("source"), max_length=SOURCE_LENGTH)
    record_id = models.CharField(_("record id"), max_length=RECORD_ID_LENGTH)
    file_seq = models.BigIntegerField(_("number of the file"))
    # Without an index of its own: the one below begins with it.
    line = models.ForeignKey(
        Line,
        verbose_name=_("line"),
        on_delete=models.PROTECT,
        related_name="usage_records",
        db_index=False,
    )
    type = models.CharField(_("kind"), max_length=5, choices=Type)
    start_at = models.DateTimeField(_("start"))
    # Local day of the start in the brand's zone.
    on = models.DateField(_("day"))
    # Bytes, seconds or texts; below zero in a correction.
    units = models.BigIntegerField(_("quantity"))
    # Network abroad (MCC and MNC); "" = at home.
    roaming_plmn = models.CharField(_("network abroad"), max_length=6, blank=True)
    bucket_code = models.CharField(_("bucket"), max_length=BUCKET_CODE_LENGTH, blank=True)
    # Taken from the balance, in the currency of the line.
    charged_minor = models.PositiveBigIntegerField(_("charged (smallest coin)"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    rated_at = models.DateTimeField(_("rated at"))
    # Record id, of the same source, that this one puts right.
    corrects = models.CharField(_("corrects"), max_length=RECORD_ID_LENGTH, blank=True)
    # Rated over 72 hours after its start: history only.
    is_late = models.BooleanField(_("late"), default=False)
    # Of all that the row said, so that the same id with other content is seen.
    content_hash = models.BigIntegerField(_("hash of the content"))

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        ordering = ["-start_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "record_id"], name="plans_usage_record_once"),
            models.CheckConstraint(
                condition=Q(units__gte=0) | ~Q(corrects=""),
                name="plans_usage_record_negative_corrects",
            ),
        ]
        indexes = [models.Index(fields=["line", "on"], name="plans_usage_record_of_line")]

    def __str__(self) -> str:
        return f"{self.source} {self.record_id}"


class HeldUsage(models.Model):
    """A row for a number that no line has yet; tried again with each import, then forgotten."""

    source = models.CharField(_("source"), max_length=SOURCE_LENGTH)
    record_id = models.CharField(_("record id"), max_length=RECORD_ID_LENGTH)
    msisdn = models.CharField(_("phone number"), max_length=16, db_index=True)
    # The row's own columns, as they are read again.
    content = models.JSONField(_("content"))
    received_at = models.DateTimeField(_("received at"), db_index=True)

    class Meta:
        verbose_name = _("held row of use")
        verbose_name_plural = _("held rows of use")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "record_id"], name="plans_held_usage_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.record_id}"


class UsageCharge(WorkRow):
    """What a record takes from the balance of its line; billing posts it, down to 0."""

    class State(models.TextChoices):
        DUE = "due", _("To be posted")
        POSTED = "posted", _("Posted")

    due_states = (State.DUE,)

    record = models.OneToOneField(
        UsageRecord,
        verbose_name=_("usage record"),
        on_delete=models.PROTECT,
        related_name="charge",
    )
    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="usage_charges"
    )
    amount_minor = models.PositiveBigIntegerField(_("amount (smallest coin)"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DUE)
    # What the balance covered; the rest is owed to nobody and reported.
    posted_minor = models.PositiveBigIntegerField(_("posted (smallest coin)"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("charge for use")
        verbose_name_plural = _("charges for use")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="plans_usage_charge_positive"
            ),
            models.CheckConstraint(
                condition=Q(posted_minor__lte=models.F("amount_minor")),
                name="plans_usage_charge_not_above",
            ),
            models.CheckConstraint(
                condition=Q(state="posted", posted_at__isnull=False)
                | Q(state="due", posted_at__isnull=True),
                name="plans_usage_charge_posted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state="due"), name="plans_usage_charge_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.amount_minor} {self.currency}"
