"""How a customer proves that an existing line is theirs (F68)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from plans.models.lines import Line


class LineClaim(models.Model):
    """One try of one customer to add a line; what failed stays as evidence."""

    class Method(models.TextChoices):
        SMS = "sms", _("Code by SMS")
        OPERATOR_CODE = "operator", _("ICCID and the operator's code")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for the code")
        CONFIRMED = "confirmed", _("confirmed")
        # Too many wrong codes, or overtaken by another claim.
        REFUSED = "refused", _("refused")
        EXPIRED = "expired", _("expired")

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="claims"
    )
    claimant = models.ForeignKey(
        User, verbose_name=_("claimant"), on_delete=models.PROTECT, related_name="line_claims"
    )
    method = models.CharField(_("method"), max_length=8, choices=Method)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    # Why it was refused; a stable code for programs.
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    # Keyed hash of the code, emptied once the claim is closed.
    code_hash = models.CharField(_("hash of the code"), max_length=64, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(_("wrong codes"), default=0)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim of a line")
        verbose_name_plural = _("claims of lines")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "claimant"],
                condition=Q(state="open"),
                name="plans_claim_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="plans_claim_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(code_hash=""), name="plans_claim_code_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.claimant_id} {self.state}"


class ClaimCode(models.Model):
    """A code that the operator gives out with a card; together with its ICCID it claims once."""

    line = models.ForeignKey(
        Line, verbose_name=_("line"), on_delete=models.PROTECT, related_name="claim_codes"
    )
    code_hash = models.CharField(_("hash of the code"), max_length=64)
    # Who issued it: log-in name of the operator, or "import".
    by = models.CharField(_("by"), max_length=80)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim code")
        verbose_name_plural = _("claim codes")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(used_at__isnull=True), name="plans_claim_code_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_id} by {self.by}"
