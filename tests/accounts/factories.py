"""Makes customers for tests; e-mail and phone count as proved unless a test says otherwise."""

from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone
from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory, Password
from factory.helpers import post_generation

from accounts.models import User

PASSWORD = "a-long-enough-secret"


class UserFactory(DjangoModelFactory[User]):
    """A customer with a verified e-mail address; `phone="+66…"` adds a verified number.

    Mere claims: `address__verified=False` for the address, `phone_verified_at=None` for the number.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"customer-{n}@example.com")
    phone: Any = None
    phone_verified_at = LazyAttribute(lambda made: timezone.now() if made.phone else None)
    password = Password(PASSWORD)

    @post_generation
    def address(self: Any, create: object, _value: object, *, verified: bool = True) -> None:
        """Write the row in which allauth keeps whether an address is proved."""
        if create and self.email:
            EmailAddress.objects.create(
                user=self, email=self.email, primary=True, verified=verified
            )
