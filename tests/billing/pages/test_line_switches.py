"""The switches of a line's page: one tap each, the owner's alone; automatic renewal says why not."""

import re

import pytest
from django.test import Client

from plans.models import Line
from tests.billing.pages.conftest import read

pytestmark = pytest.mark.django_db


def page_of(own: Client, line: Line) -> str:
    return read(own, f"/lines/{line.public_id}/")


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"auto_renew": False}, '<p class="muted xs" id="auto-why">'),
        ({"auto_renew": True}, "You asked for it, but automatic renewal is not open yet."),
    ],
)
def test_automatic_renewal_is_off_and_says_why(
    own: Client, line: Line, wish: dict[str, bool], text: str
) -> None:
    Line.objects.update(**wish)
    page = page_of(own, line)
    assert text in page
    assert "utomatic renewal is not open yet. Nothing is charged unless you confirm it." in page
    assert re.search(r'aria-checked="false" aria-labelledby="auto"[^>]* disabled>', page)


@pytest.mark.parametrize(
    ("channel", "field", "said"),
    [
        ("email", "remind_by_email", "No more reminders by e-mail for this line."),
        ("sms", "remind_by_sms", "No more reminders by SMS for this line."),
    ],
)
def test_switch_turns_a_channel_off_and_on_by_one_tap(
    own: Client, line: Line, channel: str, field: str, said: str
) -> None:
    url = f"/lines/{line.public_id}/reminders/"
    answer = own.post(url, {"channel": channel, "position": "off"}, follow=True)
    assert answer.redirect_chain == [(f"/lines/{line.public_id}/", 303)]
    assert said in answer.content.decode()
    line.refresh_from_db()
    assert getattr(line, field) is False
    assert [line.remind_by_email, line.remind_by_sms].count(True) == 1
    own.post(url, {"channel": channel, "position": "on"})
    line.refresh_from_db()
    assert getattr(line, field) is True


def test_switches_show_how_they_stand_and_what_a_tap_would_do(own: Client, line: Line) -> None:
    Line.objects.update(remind_by_sms=False)
    page = page_of(own, line)
    assert 'value="off" aria-checked="true" aria-labelledby="by-email"' in page
    assert 'value="on" aria-checked="false" aria-labelledby="by-sms"' in page


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"channel": "email"},
        {"channel": "fax", "position": "off"},
        {"channel": "sms", "position": "maybe"},
    ],
)
def test_switch_without_sense_is_refused_and_changes_nothing(
    own: Client, line: Line, data: dict[str, str]
) -> None:
    assert own.post(f"/lines/{line.public_id}/reminders/", data).status_code == 400
    line.refresh_from_db()
    assert (line.remind_by_email, line.remind_by_sms) == (True, True)


def test_switch_of_another_s_line_does_not_exist(
    stranger: Client, client: Client, line: Line
) -> None:
    url = f"/lines/{line.public_id}/reminders/"
    data = {"channel": "sms", "position": "off"}
    assert stranger.post(url, data).status_code == 404
    assert stranger.get(url).status_code == 405
    assert client.post(url, data).headers["Location"].startswith("/accounts/login/")
    line.refresh_from_db()
    assert line.remind_by_sms
