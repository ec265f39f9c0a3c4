"""Opening an account by number, by address or by both; and what squatters cannot do."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from messaging.models import Message
from tests.accounts.conftest import LogIn, is_logged_in, last_code, last_link
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
VERIFY = "/accounts/phone/verify/"


def sign_up(client: Client, **fields: str) -> str:
    """Post the form; return where it leads, or "" when it is shown again."""
    response = client.post("/accounts/signup/", {"password1": PASSWORD, **fields})
    return response.headers.get("Location", "")


def errors(client: Client, en: dict[str, str], **fields: str) -> dict[str, list[str]]:
    """Post the form and return what it complains about."""
    form = {"password1": PASSWORD, **fields}
    response = client.post("/accounts/signup/", form, headers=en)
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def test_a_number_and_the_code_open_an_account(client: Client) -> None:
    assert sign_up(client, phone="081-234-5678") == VERIFY
    assert not is_logged_in(client)
    response = client.post(VERIFY, {"code": last_code("+66812345678")})
    assert response["Location"] == "/lines/"
    user = User.objects.get()
    assert (user.phone, user.email, user.has_verified_channel) == ("+66812345678", None, True)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_two_customers_with_a_number_only_both_sign_up() -> None:
    for phone in ("+66812345678", "+66812345679"):
        client = Client()
        sign_up(client, phone=phone)
        client.post(VERIFY, {"code": last_code(phone)})
        assert is_logged_in(client)
    assert User.objects.filter(phone_verified_at__isnull=False, email=None).count() == 2


def test_the_code_waits_in_the_outbox_and_is_secret(client: Client) -> None:
    sign_up(client, phone="+66812345678")
    message = Message.objects.get()
    assert (message.channel, message.template, message.secret) == ("sms", "verification_code", True)
    assert message.language == User.objects.get().language == "zh-hans"
    assert len(message.context["code"]) == 6
    assert message.context["code"].isdigit()


def test_a_new_code_withdraws_the_old_one(client: Client) -> None:
    sign_up(client, phone="+66812345678")
    client.post(VERIFY, {"action": "change", "phone": "+66812345679"})
    old, new = Message.objects.order_by("pk")
    assert (old.state, old.context) == ("withdrawn", {})
    assert (new.state, new.address) == ("queued", "+66812345679")


def test_a_wrong_code_opens_nothing_and_three_end_it(client: Client, en: dict[str, str]) -> None:
    sign_up(client, phone="+66812345678")
    page = client.post(VERIFY, {"code": "no"}, headers=en)
    assert page.context["verify_form"].errors["code"] == [
        "This code is not right. Please check the latest message."
    ]
    client.post(VERIFY, {"code": "no"})
    assert client.post(VERIFY, {"code": "no"})["Location"] == "/accounts/login/"
    client.post(VERIFY, {"code": last_code("+66812345678")})
    assert not is_logged_in(client)
    assert User.objects.get().phone_verified_at is None


def test_an_address_and_the_link_open_an_account(client: Client, log_in: LogIn) -> None:
    assert sign_up(client, email="Wang@Example.com") == "/accounts/confirm-email/"
    assert not is_logged_in(client)
    # The password alone is not enough until the link was opened.
    assert log_in("wang@example.com")["Location"] == "/accounts/confirm-email/"
    assert not is_logged_in(client)
    link = last_link("wang@example.com")
    assert client.get(link).status_code == 200
    assert client.post(link)["Location"] == "/lines/"
    assert is_logged_in(client)
    user = User.objects.get()
    assert (user.email, user.has_verified_channel) == ("wang@example.com", True)


def test_the_link_logs_in_no_other_browser(client: Client, log_in: LogIn) -> None:
    sign_up(client, email="wang@example.com")
    other = Client()
    assert other.post(last_link("wang@example.com"))["Location"] == "/accounts/login/"
    assert not is_logged_in(other)
    log_in("wang@example.com")
    assert is_logged_in(client)


def test_sign_up_returns_to_the_page_that_asked(client: Client) -> None:
    sign_up(client, phone="+66812345678", next="/lines/add/")
    response = client.post(VERIFY, {"code": last_code("+66812345678")})
    assert response["Location"] == "/lines/add/"


def test_both_ways_together_take_the_code_and_send_the_link(client: Client) -> None:
    assert sign_up(client, email="wang@example.com", phone="+66812345678") == VERIFY
    client.post(VERIFY, {"code": last_code("+66812345678")})
    assert is_logged_in(client)
    client.post(last_link("wang@example.com"))
    assert EmailAddress.objects.get().verified


def test_neither_way_is_refused_in_words(client: Client, en: dict[str, str]) -> None:
    assert errors(client, en) == {
        "phone": ["Please give your phone number or your e-mail address."]
    }
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"phone": "12"}, "phone", "This is not a valid phone number. Example: +66 81 234 5678."),
        ({"phone": "020 7946 0018"}, "phone", "This number can belong to more than one country."),
        ({"email": "wang"}, "email", "Enter a valid email address."),
        ({"email": "w@example.com", "password1": "123"}, "password1", "This password is too short"),
        ({"email": "w@example.com", "password1": "password"}, "password1", "too common"),
    ],
)
def test_what_is_wrong_is_said_next_to_it(
    client: Client, en: dict[str, str], fields: dict[str, str], field: str, words: str
) -> None:
    found = errors(client, en, **fields)
    assert found.keys() == {field}
    assert words in found[field][0]
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(client: Client) -> None:
    UserFactory.create(email="wang@example.com")
    assert sign_up(client, email="WANG@example.com") == "/accounts/confirm-email/"
    assert User.objects.count() == 1
    mail = Message.objects.get()
    assert mail.address == "wang@example.com"
    assert "/accounts/password/reset/" in mail.context["text"]
    assert not is_logged_in(client)


def test_the_mail_to_a_known_address_speaks_the_language_of_its_owner(client: Client) -> None:
    User.objects.create_user(email="operator@example.com", language="en")
    sign_up(client, email="operator@example.com")
    mail = Message.objects.get()
    assert (mail.language, mail.context["subject"]) == ("en", "You already have an account")


def test_a_known_number_gets_the_same_answer_and_no_code(client: Client) -> None:
    UserFactory.create(phone="+66812345678", language="en")
    assert sign_up(client, phone="0812345678") == VERIFY
    assert client.get(VERIFY).status_code == 200
    sms = Message.objects.get()
    assert (sms.template, sms.address, sms.language) == ("rendered", "+66812345678", "en")
    assert sms.context["text"].startswith("Somebody tried to open an account")
    client.post(VERIFY, {"code": ""})
    assert not is_logged_in(client)
    assert User.objects.count() == 1


def test_a_known_address_with_a_new_number_tells_the_owner_of_the_address(client: Client) -> None:
    UserFactory.create(email="wang@example.com")
    assert sign_up(client, email="wang@example.com", phone="+66812345678") == VERIFY
    channels = Message.objects.order_by("channel").values_list("channel", "template")
    assert list(channels) == [("email", "rendered"), ("sms", "rendered")]
    assert User.objects.count() == 1


def test_a_squatter_never_blocks_the_owner_of_a_number(client: Client) -> None:
    squatter = Client()
    sign_up(squatter, phone="+66812345678")
    old_code = last_code("+66812345678")
    claim = User.objects.get()
    # One SMS in 30 seconds to a number, whoever asks: the owner waits that long, no longer.
    assert sign_up(client, phone="+66812345678") == ""
    cache.clear()
    assert sign_up(client, phone="+66812345678") == VERIFY
    client.post(VERIFY, {"code": last_code("+66812345678")})
    assert is_logged_in(client)
    squatter.post(VERIFY, {"code": old_code})
    assert not is_logged_in(squatter)
    claim.refresh_from_db()
    assert (claim.phone, claim.phone_verified_at) == (None, None)
    owner = User.objects.get(phone="+66812345678")
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_a_squatter_never_blocks_the_owner_of_an_address(client: Client, log_in: LogIn) -> None:
    sign_up(Client(), email="wang@example.com")
    squat = User.objects.get()
    client.post("/accounts/password/reset/", {"email": "wang@example.com"})
    link = last_link("wang@example.com")
    form_page = client.get(link)["Location"]
    new = {"password1": "the-owner-is-here", "password2": "the-owner-is-here"}
    client.post(form_page, new)
    assert log_in("wang@example.com", PASSWORD).status_code == 200
    cache.clear()
    log_in("wang@example.com", "the-owner-is-here")
    client.post(last_link("wang@example.com"))
    assert client.session["_auth_user_id"] == str(squat.pk)


def test_sign_up_in_english_makes_an_english_customer(client: Client, en: dict[str, str]) -> None:
    client.post("/accounts/signup/", {"phone": "+66812345678", "password1": PASSWORD}, headers=en)
    assert User.objects.get().language == "en"
    assert Message.objects.get().language == "en"


def test_two_at_the_same_moment_make_one_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    UserFactory.create(email="wang@example.com")
    # The check before the save finds nothing, as it does when the other is not stored yet.
    monkeypatch.setattr("accounts.forms.filter_users_by_email", lambda _email: [])
    assert sign_up(client, email="wang@example.com") == "/accounts/confirm-email/"
    assert User.objects.count() == 1
    assert not is_logged_in(client)


def test_a_stranger_has_no_code_to_enter(client: Client) -> None:
    assert client.get(VERIFY)["Location"] == "/accounts/login/"
