"""Who is meant, and what is known about them; nothing is written here."""

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import User, normalise_email
from accounts.phones import normalise_phone


def user_by_verified_phone(phone: str) -> User | None:
    """Return the one account that proved this E.164 number; a mere claim finds nobody."""
    return User.objects.filter(phone=phone, phone_verified_at__isnull=False).first()


def verified_phones_meant(value: str) -> set[str]:
    """Return the verified numbers among all that `value`, in any writing, can mean."""
    numbers = normalise_phone(value, regions=settings.PHONE_REGIONS)
    owned = User.objects.filter(phone__in=numbers, phone_verified_at__isnull=False)
    return {phone for phone in owned.values_list("phone", flat=True) if phone}


def user_by_email(email: str) -> User | None:
    """Return the account that holds this address, verified or not, in any case."""
    normal = normalise_email(email)
    address = (
        EmailAddress.objects.filter(email=normal).order_by("-verified").values("user_id").first()
    )
    if address is not None:
        return User.objects.filter(pk=address["user_id"]).first()
    return User.objects.filter(email=normal).first() if normal else None


def awaits_confirmation(user: User) -> bool:
    """True while an account opened with an e-mail address has proved neither that nor a number.

    Only sign-up makes a main address that is unverified; accounts made by staff have none.
    """
    if user.is_staff or user.phone_verified_at is not None:
        return False
    known = set(EmailAddress.objects.filter(user=user).values_list("primary", "verified"))
    return (True, False) in known and not {(True, True), (False, True)} & known
