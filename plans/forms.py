"""The filter of the catalogue: what a query asks for, in words next to the field where it can't."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from messaging.formats import CURRENCIES, AmountError, to_minor
from plans.coverage import country_choices
from plans.models import Allowance
from plans.presenters import GB
from plans.selectors.catalogue import PlanCard
from plans.selectors.filters import ABROAD, Wish, currencies
from plans.selectors.shelves import family_labels

# More than any plan has or costs; a figure above is a slip of the finger.
MOST_GB, MOST_DAYS, MOST_MONEY = 100_000, 3_660, 10_000_000
# A comma parts thousands; 7,20 is refused, for it could mean two things.
FIGURE = re.compile(r"([0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3})(\.[0-9]{1,6})?")
NEEDS = (
    (Allowance.Kind.DATA.value, gettext_lazy("Data")),
    (Allowance.Kind.VOICE.value, gettext_lazy("Calls")),
    (Allowance.Kind.SMS.value, gettext_lazy("Texts")),
    (ABROAD, gettext_lazy("Works abroad")),
)
SORTS = (
    ("", gettext_lazy("As the brands list them")),
    ("price", gettext_lazy("Lowest price")),
    ("gb", gettext_lazy("Lowest price per GB")),
    ("day", gettext_lazy("Lowest price per day")),
    ("data", gettext_lazy("Most data")),
    ("minutes", gettext_lazy("Most call time")),
)


class PlanFilterForm(forms.Form):
    """A GET form without a required field; what can't be read is named and left out, not lost."""

    brand = forms.ChoiceField(label=gettext_lazy("Brand"), required=False)
    family = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("It should have"),
        required=False,
        choices=NEEDS,
        widget=forms.CheckboxSelectMultiple,
    )
    country = forms.ChoiceField(label=gettext_lazy("Works in"), required=False)
    gb = forms.CharField(max_length=20, label=gettext_lazy("Min. data, GB"), required=False)
    days = forms.CharField(max_length=20, label=gettext_lazy("Min. days"), required=False)
    budget = forms.CharField(max_length=20, label=gettext_lazy("Budget up to"), required=False)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    sort = forms.ChoiceField(label=gettext_lazy("Sort by"), required=False, choices=SORTS)

    def __init__(self, cards: list[PlanCard], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brands = {card.brand.slug: card.brand for card in cards}
        self.families = family_labels(cards)
        zones = {zone for card in cards for zone in card.version.zones}
        self._choose("brand", _("All brands"), [(b.slug, b.name) for b in self.brands.values()])
        self._choose("family", "", self.families.items())
        self._choose("country", _("Anywhere"), country_choices(zones))
        named = [(code, f"{code} {CURRENCIES[code].sign}") for code in currencies(cards)]
        self._choose("currency", _("Any"), named)
        for name, mode in (("gb", "decimal"), ("days", "numeric"), ("budget", "decimal")):
            self.fields[name].widget.attrs |= {"inputmode": mode, "autocomplete": "off"}
        for one in self.fields.values():
            # Nothing here is required, so that no label needs to say "optional".
            one.either_or = True  # type: ignore[attr-defined]
            one.error_messages["invalid_choice"] = _("There is no such choice.")

    def clean_gb(self) -> int:
        """Return the least data in bytes; raises ValidationError for what is no figure."""
        figure = _figure(self.cleaned_data["gb"], most=MOST_GB)
        return int(figure * GB)

    def clean_days(self) -> int:
        """Return the least number of days; raises ValidationError for what is no whole number."""
        figure = _figure(self.cleaned_data["days"], most=MOST_DAYS)
        if figure != int(figure):
            raise ValidationError(_("Please give whole days."), code="not_whole")
        return int(figure)

    def clean(self) -> dict[str, Any]:
        """Read the budget in its currency; a brand's own where one brand alone is meant."""
        cleaned = super().clean() or {}
        text, brand = cleaned.get("budget", ""), self.brands.get(cleaned.get("brand", ""))
        currency = cleaned.get("currency") or (brand.currency if brand and text else "")
        cleaned["max_minor"], cleaned["shown_in"] = None, cleaned.get("currency", "")
        if text and not currency and "currency" not in self.errors:
            self.add_error("currency", _("In which currency is your budget? Please choose."))
        elif text and currency:
            try:
                cleaned["max_minor"] = to_minor(_figure(text, most=MOST_MONEY), currency)
                cleaned["shown_in"] = currency
            except ValidationError as error:
                self.add_error("budget", error)
            except AmountError:
                too_fine = _("%(currency)s has no coin as small as that.")
                self.add_error("budget", too_fine % {"currency": currency})
        return cleaned

    def _choose(self, name: str, nothing: str, choices: Iterable[tuple[str, StrOrPromise]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above as such)
        field.choices = [("", nothing), *choices]

    def wish(self) -> Wish:
        """Return what can be read of the query; what can't has its words in `errors`."""
        self.full_clean()
        read = self.cleaned_data
        return Wish(
            brand=read.get("brand", ""),
            family=read.get("family", ""),
            needs=frozenset(read.get("needs", ())),
            country=read.get("country", ""),
            min_bytes=read.get("gb", 0),
            min_days=read.get("days", 0),
            currency=read.get("shown_in", ""),
            max_minor=read.get("max_minor"),
            sort=read.get("sort", ""),
        )


def _figure(text: str, *, most: int) -> Decimal:
    """Return the figure in any writing (1,000 or full width), 0 for none; else ValidationError."""
    if not text:
        return Decimal(0)
    plain = unicodedata.normalize("NFKC", text)
    if not FIGURE.fullmatch(plain):
        raise ValidationError(_("Please give a figure, for example 30."), code="not_a_figure")
    figure = Decimal(plain.replace(",", ""))
    if figure > most:
        raise ValidationError(_("That is more than any plan has."), code="too_much")
    return figure
