"""Changing number and address: proof first, and the old one hears of it."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.adapter import AccountAdapter
from accounts.errors import PhoneTakenError
from accounts.models import User
from accounts.services.contact import claim_phone, release_email_claims, verify_phone
from accounts.services.registration import create_known_customer
from messaging.models import Message
from tests.accounts.conftest import LogIn, last_code, last_link
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
OLD, NEW = "+66812345678", "+66812345679"
CHANGE = "/accounts/phone/change/"
VERIFY = "/accounts/phone/verify/"


def confirm_password(client: Client, page: str) -> str:
    """Answer the question for the password; return where it leads."""
    response = client.post(f"/accounts/reauthenticate/?next={page}", {"password": PASSWORD})
    return response.headers.get("Location", "")


def test_the_number_changes_by_code_after_the_password(client: Client, log_in: LogIn) -> None:
    user = UserFactory.create(email="wang@example.com", phone=OLD)
    log_in(OLD)
    asked = client.post(CHANGE, {"phone": "081-234-5679"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not Message.objects.exists()
    assert confirm_password(client, CHANGE) == VERIFY
    user.refresh_from_db()
    assert user.phone == OLD
    assert client.post(VERIFY, {"code": last_code(NEW)})["Location"] == CHANGE
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at is not None) == (NEW, True)
    # The old number hears of it by SMS, the address by mail; neither shows the new number in full.
    sms = Message.objects.get(channel="sms", address=OLD)
    mail = Message.objects.get(channel="email", address="wang@example.com")
    assert "…5679" in sms.context["text"]
    assert NEW not in sms.context["text"] + mail.context["text"]
    assert (sms.secret, mail.secret) == (False, False)


def test_the_number_of_another_account_cannot_be_taken(client: Client, log_in: LogIn) -> None:
    UserFactory.create(phone=NEW)
    user = UserFactory.create(phone=OLD)
    log_in(OLD)
    client.post(CHANGE, {"phone": NEW})
    confirm_password(client, CHANGE)
    # allauth sends a code and tells only him who can read it that the number is taken.
    answer = client.post(VERIFY, {"code": last_code(NEW)})
    assert answer.status_code == 200
    assert "code" in answer.context["verify_form"].errors
    user.refresh_from_db()
    assert user.phone == OLD


def test_a_number_lost_by_a_split_second_is_said_and_changes_nothing() -> None:
    owner = UserFactory.create(phone=NEW)
    late = UserFactory.create(phone=OLD)
    with pytest.raises(PhoneTakenError):
        verify_phone(user=late, phone=NEW, now=NOW)
    assert (late.phone, User.objects.get(pk=late.pk).phone) == (OLD, OLD)
    assert User.objects.get(phone=NEW) == owner
    assert not Message.objects.exists()


def test_the_split_second_ends_on_a_page(
    client: Client, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    UserFactory.create(phone=OLD)
    log_in(OLD)
    client.post(CHANGE, {"phone": NEW})
    confirm_password(client, CHANGE)
    UserFactory.create(phone=NEW)
    # allauth's own check comes a moment too early.
    monkeypatch.setattr("accounts.selectors.user_by_verified_phone", lambda _phone: None)
    assert client.post(VERIFY, {"code": last_code(NEW)})["Location"] == CHANGE
    assert User.objects.filter(phone=NEW).count() == 1


def test_proof_clears_the_claims_of_others_and_repeating_it_does_nothing() -> None:
    squatter = UserFactory.create(phone=OLD, phone_verified_at=None)
    owner = UserFactory.create()
    assert verify_phone(user=owner, phone=OLD, now=NOW) is None
    assert verify_phone(user=owner, phone=OLD, now=NOW.replace(hour=11)) is None
    squatter.refresh_from_db()
    owner.refresh_from_db()
    assert (squatter.phone, owner.phone, owner.phone_verified_at) == (None, OLD, NOW)
    assert not Message.objects.exists()


def test_a_claim_takes_the_proof_away() -> None:
    user = UserFactory.create(phone=OLD)
    claim_phone(user=user, phone=NEW)
    user.refresh_from_db()
    assert (user.phone, user.phone_verified_at) == (NEW, None)


def test_proof_of_an_address_takes_it_from_those_who_only_wrote_it_down() -> None:
    squatter = UserFactory.create(email="wang@example.com", phone=OLD, address__verified=False)
    owner = UserFactory.create(email=None, phone=NEW)
    release_email_claims(email="wang@example.com", owner=owner)
    squatter.refresh_from_db()
    assert squatter.email is None
    assert not EmailAddress.objects.exists()


def test_a_proved_address_stays_with_its_owner() -> None:
    owner = UserFactory.create(email="wang@example.com")
    release_email_claims(email="wang@example.com", owner=UserFactory.create(email=None, phone=NEW))
    owner.refresh_from_db()
    assert owner.email == "wang@example.com"
    assert EmailAddress.objects.get().verified


def test_a_customer_with_a_number_adds_the_address_a_squatter_holds(
    client: Client, log_in: LogIn
) -> None:
    UserFactory.create(email="wang@example.com", address__verified=False)
    owner = UserFactory.create(email=None, phone=NEW)
    log_in(NEW)
    client.post("/accounts/email/", {"email": "wang@example.com", "action_add": ""})
    confirm_password(client, "/accounts/email/")
    # Not proved yet: it cannot become the main address, whoever posts what.
    refused = client.post("/accounts/email/", {"email": "wang@example.com", "action_primary": ""})
    assert refused["Location"] == "/accounts/email/"
    owner.refresh_from_db()
    assert owner.email is None
    client.post(last_link("wang@example.com"))
    assert User.objects.get(email="wang@example.com") == owner
    assert EmailAddress.objects.get(user=owner).verified


def test_a_proved_second_address_may_become_the_main_one(client: Client, log_in: LogIn) -> None:
    user = UserFactory.create(email="wang@example.com")
    EmailAddress.objects.create(user=user, email="new@example.com", verified=True)
    log_in("wang@example.com")
    client.post("/accounts/email/", {"email": "new@example.com", "action_primary": ""})
    confirm_password(client, "/accounts/email/")
    user.refresh_from_db()
    assert user.email == "new@example.com"
    notice = Message.objects.get()
    assert notice.address == "wang@example.com"


def test_the_address_of_a_stranger_cannot_be_touched(client: Client, log_in: LogIn) -> None:
    UserFactory.create(email="li@example.com")
    UserFactory.create(email="wang@example.com")
    log_in("wang@example.com")
    for action in ("action_primary", "action_remove", "action_send"):
        client.post("/accounts/email/", {"email": "li@example.com", action: ""})
    assert EmailAddress.objects.get(email="li@example.com").verified
    assert not Message.objects.exists()


def test_a_known_customer_can_log_in_at_once(log_in: LogIn) -> None:
    user = create_known_customer(
        now=NOW, email="Li@example.com", phone=NEW, password=PASSWORD, name="Li", is_demo=True
    )
    assert (user.email, user.phone_verified_at, user.is_demo) == ("li@example.com", NOW, True)
    assert log_in("li@example.com")["Location"] == "/lines/"
    assert log_in("081-234-5679")["Location"] == "/lines/"


def test_a_known_customer_with_a_number_only_has_no_address_row() -> None:
    user = create_known_customer(now=NOW, phone=NEW)
    assert (user.email, user.has_usable_password()) == (None, False)
    assert not EmailAddress.objects.exists()


def test_a_number_proved_elsewhere_is_owned_at_once() -> None:
    user = UserFactory.create()
    AccountAdapter().set_phone(user, NEW, verified=True)
    assert AccountAdapter().get_phone(user) == (NEW, True)
    assert User.objects.get(phone=NEW, phone_verified_at__isnull=False) == user
