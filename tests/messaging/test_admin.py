"""Staff read the outbox and change nothing; secrets stay secret."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from messaging.services.delivery import deliver_due

pytestmark = pytest.mark.django_db
Queue = Callable[..., Message]
LIST = "admin:messaging_message_changelist"


def page(message: Message) -> str:
    return reverse("admin:messaging_message_change", args=[message.pk])


def test_a_stranger_may_not_read_the_outbox(client: Client, queue: Queue) -> None:
    message = queue()
    for url in (reverse(LIST), page(message)):
        answer = client.get(url)
        assert answer.status_code == 302
        assert "login" in answer["Location"]


def test_staff_find_a_message_by_address_key_and_subject(
    admin_client: Client, queue: Queue
) -> None:
    queue(address="other@example.com")
    queue(address="wang@example.com", dedupe_key="renewal:77:email", subject="order:77")
    for words in ("wang@", "renewal:77", "order:77"):
        html = admin_client.get(reverse(LIST), {"q": words}).content.decode()
        assert "wang@example.com" in html
        assert "other@example.com" not in html


def test_staff_read_what_was_said(admin_client: Client, queue: Queue, now: datetime) -> None:
    message = queue()
    deliver_due(now=now)
    html = admin_client.get(page(message)).content.decode()
    assert "Your payment of ¥72 has arrived" in html
    assert 'type="submit" value="Save"' not in html


@pytest.mark.parametrize("delivered", [True, False])
def test_a_secret_is_never_shown(
    admin_client: Client, queue: Queue, now: datetime, *, delivered: bool
) -> None:
    message = queue("verification_code", secret=True, demo=True)
    if delivered:
        deliver_due(now=now)
    answer = admin_client.get(page(message))
    assert answer.status_code == 200
    assert "402917" not in answer.content.decode()


def test_nobody_adds_changes_or_deletes(admin_client: Client, queue: Queue) -> None:
    message = queue()
    delete = reverse("admin:messaging_message_delete", args=[message.pk])
    assert admin_client.get(reverse("admin:messaging_message_add")).status_code == 403
    assert admin_client.post(page(message), {"address": "x@example.com"}).status_code == 403
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [message.pk], "post": "yes"}
    admin_client.post(reverse(LIST), many)
    assert Message.objects.get().address == message.address


def test_a_customer_is_no_staff(client: Client, queue: Queue) -> None:
    user = get_user_model()(is_staff=False)
    user.set_unusable_password()
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(page(queue())).status_code == 302
