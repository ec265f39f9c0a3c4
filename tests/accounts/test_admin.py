"""Staff find a customer by whatever they were told, and cannot hand out numbers."""

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


@pytest.fixture
def console(client: Client) -> Client:
    """A browser with a superuser logged in."""
    client.force_login(User.objects.create_superuser(email="root@example.com"))
    return client


@pytest.mark.parametrize(
    "term", ["081-234-5678", "+66 81 234 5678", "wang@EXAMPLE.com", "Wang Wei", "0066812345678"]
)
def test_a_customer_is_found_by_any_writing(console: Client, term: str) -> None:
    wang = UserFactory.create(name="Wang Wei", email="wang@example.com", phone="+66812345678")
    UserFactory.create(name="Li", email="li@example.com", phone="+66812345679")
    answer = console.get(LIST, {"q": term})
    assert list(answer.context["cl"].queryset) == [wang]


def test_a_new_account_holds_a_claim_only(console: Client) -> None:
    form = {
        "email": "New@example.com",
        "phone": "+66812345678",
        "name": "New",
        "usable_password": "true",
        "password1": "long-enough-secret",
        "password2": "long-enough-secret",
    }
    assert console.post(f"{LIST}add/", form).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.phone, user.phone_verified_at) == ("+66812345678", None)
    assert user.check_password("long-enough-secret")


def test_an_address_in_other_case_is_refused_in_words(console: Client) -> None:
    UserFactory.create(email="wang@example.com")
    form = {"email": "Wang@example.com", "usable_password": "false"}
    answer = console.post(f"{LIST}add/", form)
    assert "email" in answer.context["adminform"].form.errors
    assert User.objects.count() == 2


def test_a_number_cannot_be_changed_by_hand(console: Client) -> None:
    user = UserFactory.create(phone="+66812345678")
    page = console.get(f"{LIST}{user.pk}/change/")
    assert page.status_code == 200
    form = {"email": user.email, "language": "en", "is_active": "on", "phone": "+66812345679"}
    assert console.post(f"{LIST}{user.pk}/change/", form).status_code == 302
    user.refresh_from_db()
    assert (user.phone, user.language) == ("+66812345678", "en")


def test_a_customer_sees_no_console(client: Client) -> None:
    client.force_login(UserFactory.create())
    assert client.get(LIST).status_code == 302
    assert client.get(LIST, follow=True).status_code == 403
