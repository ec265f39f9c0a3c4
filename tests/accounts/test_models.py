"""What the table itself refuses, and how an account names itself."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Wang", "email": "w@example.com"}, "Wang"),
        ({"email": "W@Example.com", "phone": "+66812345678"}, "w@example.com"),
        ({"phone": "+66812345678"}, "+66812345678"),
    ],
)
def test_an_account_names_itself_by_name_or_mail_or_number(
    fields: dict[str, str], name: str
) -> None:
    assert str(User.objects.create_user(**fields)) == name


def test_an_account_without_anything_still_has_a_name() -> None:
    assert str(User(pk=12)) == "customer 12"


def test_an_account_needs_an_address_or_a_number() -> None:
    with pytest.raises(ValueError, match="needs an e-mail"):
        User.objects.create_user(name="Nobody")
    assert not User.objects.exists()


def test_many_accounts_may_lack_an_address() -> None:
    for phone in ("+66812345678", "+66812345679"):
        assert User.objects.create_user(email="", phone=phone).email is None
    assert User.objects.count() == 2


def test_an_address_is_unique_in_any_case() -> None:
    User.objects.create_user(email="Wang@Example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email="wang@example.COM")
    assert User.objects.get_by_natural_key("WANG@example.com").email == "wang@example.com"
    assert User.objects.count() == 1


def test_the_form_says_that_an_address_in_other_case_is_taken() -> None:
    User.objects.create_user(email="wang@example.com")
    with pytest.raises(ValidationError) as refusal:
        User(email="Wang@example.com", password="x").full_clean()
    assert set(refusal.value.message_dict) == {"email"}


def test_an_address_cannot_slip_in_with_capitals() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="Wang@example.com")])


@pytest.mark.parametrize("phone", ["0812345678", "+66 812345678", "66812345678", "", "+0812345678"])
def test_a_number_is_stored_in_one_writing_only(phone: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="a@example.com", phone=phone)])


def test_many_may_claim_a_number_but_one_may_own_it() -> None:
    UserFactory.create_batch(2, phone="+66812345678", phone_verified_at=None)
    owner = UserFactory.create(phone="+66812345678")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(phone="+66812345678")
    assert User.objects.get(phone_verified_at__isnull=False) == owner


def test_nothing_is_verified_without_a_number() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email="a@example.com", phone_verified_at=timezone.now())


def test_a_password_is_not_usable_until_it_is_set() -> None:
    assert not User.objects.create_user(email="a@example.com").has_usable_password()


def test_a_superuser_may_do_everything() -> None:
    user = User.objects.create_superuser(email="Root@example.com", password="x")
    assert (user.email, user.is_staff, user.is_superuser) == ("root@example.com", True, True)


def test_a_channel_is_verified_by_the_number_or_by_the_address() -> None:
    assert UserFactory.create().has_verified_channel
    assert UserFactory.create(email=None, phone="+66812345678").has_verified_channel
    claims = UserFactory.create(
        phone="+66812345679", phone_verified_at=None, address__verified=False
    )
    assert not claims.has_verified_channel
    assert not claims.is_identity_verified
    assert UserFactory.create(identity_verified_at=timezone.now()).is_identity_verified
