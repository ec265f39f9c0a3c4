"""Links of the catalogue that change one thing of the query and keep the rest."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from messaging.formats import money, to_minor
from plans.forms import NEEDS, PlanFilterForm
from plans.presenters import data_text, zone_names
from plans.selectors.catalogue import PlanCard
from plans.selectors.filters import Wish, budget_steps, currencies


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and the query they lead to; `is_current` for the one that holds now."""

    label: StrOrPromise
    query: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class FilterLinks:
    """Tabs, chips and suggested budgets for one reading of the filter."""

    form: PlanFilterForm
    wish: Wish
    cards: list[PlanCard]
    # The query as it came, unreadable parts included.
    asked: MultiValueDict[str, str]

    def query(self, **changes: str | list[str]) -> str:
        """Return the query with these parameters in place of theirs; "" takes one out."""
        kept = {name: self.asked.getlist(name) for name in self.form.fields} | changes
        full = {
            name: [value for value in ([values] if isinstance(values, str) else values) if value]
            for name, values in kept.items()
        }
        return urlencode(full, doseq=True)

    def families(self) -> list[Link]:
        """Return the tabs: all kinds, then each family that anything is sold in."""
        chosen = self.wish.family
        tabs = [Link(_("All kinds"), self.query(family=""), not chosen)]
        return tabs + [
            Link(label, self.query(family=key), key == chosen)
            for key, label in self.form.families.items()
        ]

    def chips(self) -> list[Link]:
        """Return one chip for each thing that narrows the list; its link takes that one out."""
        wish = self.wish
        chips = []
        if wish.brand:
            chips.append(Link(self.form.brands[wish.brand].name, self.query(brand="")))
        if wish.family:
            chips.append(Link(self.form.families[wish.family], self.query(family="")))
        for need, label in NEEDS:
            if need in wish.needs:
                rest = [other for other, _label in NEEDS if other in wish.needs - {need}]
                chips.append(Link(label, self.query(needs=rest)))
        if wish.country:
            place = zone_names([wish.country])[0]
            words = _("Works in: %(place)s") % {"place": place}
            chips.append(Link(words, self.query(country="")))
        if wish.min_bytes:
            words = _("At least %(amount)s") % {"amount": data_text(wish.min_bytes)}
            chips.append(Link(words, self.query(gb="")))
        if wish.min_days:
            words = ngettext("At least %(count)d day", "At least %(count)d days", wish.min_days)
            chips.append(Link(words % {"count": wish.min_days}, self.query(days="")))
        return chips + self._money_chips()

    def budgets(self) -> list[Link]:
        """Return a few budgets to tap, in the currency asked for or else a likely one."""
        currency = self.wish.currency or self._likely_currency()
        return [
            Link(
                _("up to %(amount)s") % {"amount": money(minor, currency)},
                self.query(budget=str(step), currency=currency),
                minor == self.wish.max_minor,
            )
            for step in budget_steps(self.cards, currency)
            for minor in [to_minor(str(step), currency)]
        ]

    def _money_chips(self) -> list[Link]:
        wish = self.wish
        if wish.max_minor is not None:
            words = _("Up to %(amount)s") % {"amount": money(wish.max_minor, wish.currency)}
            return [Link(words, self.query(budget="", currency=""))]
        if wish.currency:
            words = _("Prices in %(currency)s") % {"currency": wish.currency}
            return [Link(words, self.query(currency=""))]
        return []

    def _likely_currency(self) -> str:
        brand = self.form.brands.get(self.wish.brand)
        return brand.currency if brand else next(iter(currencies(self.cards)), "")
