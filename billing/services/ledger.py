"""Moves money in the ledger: one row per transfer, once per key."""

from dataclasses import dataclass

from billing.models import LedgerAccount, LedgerEntry, Order, Payment
from plans.models import Brand, Line


@dataclass(frozen=True, slots=True)
class SaleAccounts:
    """The three accounts that the money of one sale passes."""

    cash: LedgerAccount
    prepaid: LedgerAccount
    revenue: LedgerAccount


def sale_accounts(brand: Brand, currency: str) -> SaleAccounts:
    """The accounts of a brand's sale in one currency: one query once they exist."""
    codes = (
        f"cash:stripe:{currency}",
        f"prepaid:{brand.slug}:{currency}",
        f"revenue:{brand.slug}:{currency}",
    )
    known = {account.code: account for account in LedgerAccount.objects.filter(code__in=codes)}
    if len(known) == len(codes):
        return SaleAccounts(*(known[code] for code in codes))
    return SaleAccounts(
        cash_account(currency), prepaid_account(brand, currency), revenue_account(brand, currency)
    )


def cash_account(currency: str) -> LedgerAccount:
    """Money that Stripe holds for us in one currency."""
    return _account(f"cash:stripe:{currency}", LedgerAccount.Kind.CASH, currency)


def prepaid_account(brand: Brand, currency: str) -> LedgerAccount:
    """Money a brand's customers have paid and not yet had service or refund for."""
    code = f"prepaid:{brand.slug}:{currency}"
    return _account(code, LedgerAccount.Kind.PREPAID, currency, brand=brand)


def revenue_account(brand: Brand, currency: str) -> LedgerAccount:
    """Service delivered by a brand."""
    code = f"revenue:{brand.slug}:{currency}"
    return _account(code, LedgerAccount.Kind.REVENUE, currency, brand=brand)


def grant_account(brand: Brand) -> LedgerAccount:
    """Counterpart of balances that an operator grants, in the brand's currency."""
    code = f"grant:{brand.slug}:{brand.currency}"
    return _account(code, LedgerAccount.Kind.GRANT, brand.currency, brand=brand)


def exchange_account(currency: str) -> LedgerAccount:
    """Where a charge in one currency and a credit in another meet, one account per currency."""
    return _account(f"exchange:{currency}", LedgerAccount.Kind.EXCHANGE, currency)


def balance_account(line: Line) -> LedgerAccount:
    """A line's main balance, in its brand's currency."""
    code = f"balance:{line.public_id}:{line.brand.currency}"
    return _account(code, LedgerAccount.Kind.BALANCE, line.brand.currency, line=line)


def _account(
    code: str,
    kind: LedgerAccount.Kind,
    currency: str,
    *,
    brand: Brand | None = None,
    line: Line | None = None,
) -> LedgerAccount:
    account, _ = LedgerAccount.objects.get_or_create(
        code=code,
        defaults={"kind": kind, "currency": currency, "brand": brand, "line": line},
    )
    return account


def post_entry(
    *,
    key: str,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount_minor: int,
    order: Order | None = None,
    payment: Payment | None = None,
) -> LedgerEntry:
    """Write one transfer of `amount_minor` > 0 between two accounts of one currency.

    Raises ValueError when the currencies differ (I1) and IntegrityError when `key` was used:
    the caller holds the row lock that makes that impossible, the unique key proves it.
    """
    if debit.currency != credit.currency:
        raise ValueError(f"{debit.code} and {credit.code} are of different currencies")
    return LedgerEntry.objects.create(
        key=key,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=debit.currency,
        order=order,
        payment=payment,
    )
