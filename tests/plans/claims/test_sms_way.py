"""A line is added by the code that went to it: right code, wrong codes, time, and only once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import resolve

from accounts.models import User
from messaging.models import Message
from plans.models import Line, LineClaim
from plans.public_ids import ALPHABET, new_line_id
from tests.factories import LineFactory, PlanVersionFactory, UserFactory
from tests.plans.claims.conftest import (
    ADD,
    CODE,
    NOW,
    NUMBER,
    browser_of,
    sent_code,
    told,
    wrong,
)

pytestmark = pytest.mark.django_db


def ask(client: Client, number: str = NUMBER) -> None:
    """Ask for a code and arrive at its page."""
    answer = client.post(ADD, {"way": "sms", "number": number})
    assert (answer.status_code, answer.headers["Location"]) == (303, CODE)


def outcomes() -> list[tuple[str, str]]:
    """State and reason of every claim, oldest first."""
    return list(LineClaim.objects.order_by("pk").values_list("state", "reason"))


def test_right_code_adds_the_line_and_leads_to_it(
    claiming: Client, claimant: User, line: Line
) -> None:
    ask(claiming)
    answer = claiming.post(CODE, {"code": sent_code()})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lines/{line.public_id}/")
    text = claiming.get(answer.headers["Location"]).content.decode()
    assert "+66 81 234 5678 has been added to your account." in text
    # The account has no number of its own; the claimed one does not become it by itself.
    assert '<a href="/accounts/phone/change/">Bind a phone number</a>' in text
    claimant.refresh_from_db()
    assert claimant.phone is None
    claim = LineClaim.objects.get()
    assert (claim.state, claim.method, claim.line, claim.claimant) == (
        "confirmed",
        "sms",
        line,
        claimant,
    )
    assert (claim.code_hash, claim.closed_at) == ("", NOW)
    assert told("line_claimed", "line_moved", "line_claim_tried") == [
        ("line_claimed", "email", "li@example.com"),
        ("line_claimed", "sms", NUMBER),
    ]


def test_both_ways_stand_on_one_page_in_chinese_too(claiming: Client, line: Line) -> None:
    text = claiming.get(ADD).content.decode()
    for words in ("By a code sent to the number", "By card number and code"):
        assert words in text
    assert text.count('class="btn btn--wide"') == 1
    claiming.cookies["django_language"] = "zh-hans"
    assert '<html lang="zh-Hans"' in claiming.get(ADD).content.decode()


def test_the_page_of_the_code_suits_a_phone(claiming: Client, line: Line) -> None:
    ask(claiming, "081 234 5678")
    text = claiming.get(CODE).content.decode()
    # As it was understood.
    assert "+66 81 234 5678" in text
    assert 'autocomplete="one-time-code" inputmode="numeric"' in text
    assert "5 tries left." in text
    assert "No code?" in text


def test_the_plan_that_began_it_is_what_the_line_is_renewed_with(
    claiming: Client, line: Line
) -> None:
    sku = PlanVersionFactory.create(plan__brand=line.brand).plan.sku
    claiming.get(f"{ADD}?plan={sku}")
    ask(claiming)
    answer = claiming.post(CODE, {"code": sent_code()})
    assert answer.headers["Location"] == f"/lines/{line.public_id}/renew/?plan={sku}"


def test_a_plan_of_another_brand_leads_to_the_line(claiming: Client, line: Line) -> None:
    sku = PlanVersionFactory.create().plan.sku
    claiming.get(f"{ADD}?plan={sku}")
    ask(claiming)
    answer = claiming.post(CODE, {"code": sent_code()})
    assert answer.headers["Location"] == f"/lines/{line.public_id}/"


def test_an_account_with_a_number_is_offered_no_other(
    line: Line, clock: time_machine.Traveller
) -> None:
    browser = browser_of(UserFactory.create(phone="+66899990000"))
    ask(browser)
    answer = browser.post(CODE, {"code": sent_code()}, follow=True)
    assert "has been added to your account" in answer.content.decode()
    assert "Bind a phone number" not in answer.content.decode()


def test_what_somebody_else_once_chose_ends_with_the_claim(claiming: Client, line: Line) -> None:
    Line.objects.update(remind_by_sms=False)
    ask(claiming)
    claiming.post(CODE, {"code": sent_code()})
    line.refresh_from_db()
    assert (line.auto_renew, line.remind_by_email, line.remind_by_sms) == (False, True, True)


@pytest.mark.parametrize(
    "writing", ["+66 81 234 5678", "0066-81-234-5678", "+６６８１２３４５６７８"]
)
def test_any_writing_of_the_number_finds_the_line(
    claiming: Client, line: Line, writing: str
) -> None:
    ask(claiming, writing)
    assert len(sent_code()) == 6


def test_national_writing_is_tried_in_every_region_of_a_brand(
    claiming: Client, clock: time_machine.Traveller
) -> None:
    LineFactory.create(customer=None, msisdn="+33612345678", brand__region="FR")
    ask(claiming, "06 12 34 56 78")
    assert len(sent_code("+33612345678")) == 6


def test_the_code_is_secret_for_ten_minutes_and_kept_as_a_hash_only(
    claiming: Client, line: Line
) -> None:
    ask(claiming)
    message = Message.objects.get(template="line_claim_code")
    claim = LineClaim.objects.get()
    assert (message.secret, message.demo, message.language) == (True, False, "en")
    assert (len(claim.code_hash), claim.expires_at) == (64, NOW + timedelta(minutes=10))
    assert sent_code() not in claim.code_hash


def test_a_demo_line_keeps_its_messages_in_the_outbox(claiming: Client, line: Line) -> None:
    Line.objects.update(is_demo=True)
    ask(claiming)
    claiming.post(CODE, {"code": sent_code()})
    assert set(Message.objects.values_list("demo", flat=True)) == {True}


def test_code_with_blanks_and_full_width_digits_is_read(claiming: Client, line: Line) -> None:
    ask(claiming)
    code = sent_code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert claiming.post(CODE, {"code": f"{wide[:3]} {wide[3:]}"}).status_code == 303
    line.refresh_from_db()
    assert line.customer is not None


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef"])
def test_what_is_no_code_costs_no_try(claiming: Client, line: Line, text: str) -> None:
    ask(claiming)
    answer = claiming.post(CODE, {"code": text})
    assert "5 tries left." in answer.content.decode()
    assert LineClaim.objects.get().wrong_codes == 0


def test_fifth_wrong_code_ends_the_claim_and_the_right_one_comes_too_late(
    claiming: Client, line: Line
) -> None:
    ask(claiming)
    code = sent_code()
    for left in ("4 tries left.", "3 tries left.", "2 tries left.", "1 try left."):
        assert left in claiming.post(CODE, {"code": wrong(code)}).content.decode()
    assert outcomes() == [("open", "")]
    assert "Too many wrong codes." in claiming.post(CODE, {"code": wrong(code)}).content.decode()
    assert outcomes() == [("refused", "wrong_code")]
    assert "Too many wrong codes." in claiming.post(CODE, {"code": code}).content.decode()
    line.refresh_from_db()
    assert line.customer is None
    assert LineClaim.objects.get().code_hash == ""


def test_expired_code_is_refused_and_the_claim_closed(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    ask(claiming)
    code = sent_code()
    clock.shift(timedelta(minutes=10))
    assert "The code is too old by now." in claiming.get(CODE).content.decode()
    assert "The code is too old by now." in claiming.post(CODE, {"code": code}).content.decode()
    assert outcomes() == [("expired", "expired")]
    line.refresh_from_db()
    assert line.customer is None


def test_late_code_still_works_until_its_last_second(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    ask(claiming)
    clock.shift(timedelta(minutes=9, seconds=59))
    assert claiming.post(CODE, {"code": sent_code()}).status_code == 303


def test_a_new_code_ends_the_one_before_and_withdraws_its_message(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    ask(claiming)
    old = sent_code()
    claiming.post(CODE, {"code": wrong(old)})
    clock.shift(30)
    assert claiming.post(CODE, {"action": "resend"}).headers["Location"] == CODE
    assert "5 tries left." in claiming.get(CODE).content.decode()
    codes = Message.objects.filter(template="line_claim_code").order_by("pk")
    assert list(codes.values_list("state", flat=True)) == ["withdrawn", "queued"]
    assert codes[0].context == {}
    assert outcomes() == [("expired", "replaced"), ("open", "")]
    if sent_code() != old:
        assert claiming.post(CODE, {"code": old}).status_code == 200
    assert claiming.post(CODE, {"code": sent_code()}).status_code == 303


def test_a_used_code_is_good_for_nothing(claiming: Client, line: Line) -> None:
    ask(claiming)
    code = sent_code()
    claiming.post(CODE, {"code": code})
    Line.objects.update(customer=None)
    session = claiming.session
    session["line_claim_number"] = NUMBER
    session.save()
    assert "This code is not right." in claiming.post(CODE, {"code": code}).content.decode()
    line.refresh_from_db()
    assert line.customer is None


def test_code_of_somebody_else_s_claim_does_not_open_mine(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    ask(claiming)
    mine = sent_code()
    other = UserFactory.create(language="en")
    clock.shift(30)
    ask(browser_of(other))
    theirs = sent_code()
    if theirs != mine:
        answer = claiming.post(CODE, {"code": theirs})
        assert "This code is not right." in answer.content.decode()
    line.refresh_from_db()
    assert line.customer is None


def test_second_claimant_is_told_that_somebody_was_faster(
    claiming: Client, line: Line, clock: time_machine.Traveller
) -> None:
    ask(claiming)
    slow_code = sent_code()
    fast = UserFactory.create(email="fast@example.com")
    clock.shift(30)
    fast_browser = browser_of(fast)
    ask(fast_browser)
    assert fast_browser.post(CODE, {"code": sent_code()}).status_code == 303
    answer = claiming.post(CODE, {"code": slow_code})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody else has just added this line" in text
    assert f'href="/b/{line.brand.slug}/"' in text
    line.refresh_from_db()
    assert line.customer == fast
    assert sorted(outcomes()) == [("confirmed", ""), ("refused", "overtaken")]
    assert ("line_claim_tried", "email", "fast@example.com") in told("line_claim_tried")


@pytest.mark.parametrize("state", ["terminated", "quarantine"])
def test_a_line_that_ended_gets_no_code(claiming: Client, line: Line, state: str) -> None:
    Line.objects.update(state=state)
    ask(claiming)
    assert Message.objects.count() == LineClaim.objects.count() == 0


def test_a_recycled_number_means_the_line_that_lives(claiming: Client, line: Line) -> None:
    Line.objects.update(state="terminated", customer=UserFactory.create())
    living = LineFactory.create(customer=None, msisdn=NUMBER)
    ask(claiming)
    claiming.post(CODE, {"code": sent_code()})
    living.refresh_from_db()
    line.refresh_from_db()
    assert (living.customer, line.state) == (LineClaim.objects.get().claimant, "terminated")
    assert line.customer != living.customer


@pytest.mark.parametrize("change", [{"state": "quarantine"}, {"is_blocked": True}])
def test_a_line_that_ends_or_is_blocked_meanwhile_is_not_given(
    claiming: Client, line: Line, change: dict[str, object]
) -> None:
    ask(claiming)
    Line.objects.update(**change)
    assert claiming.post(CODE, {"code": sent_code()}).status_code == 200
    line.refresh_from_db()
    assert line.customer is None
    assert outcomes() == [("refused", "not_living")]


def test_no_line_can_be_called_add() -> None:
    assert resolve(ADD).view_name == "plans:line-add"
    # Ids are longer and have no small letters, however often one is made.
    assert len(new_line_id()) == 10
    assert not set("add") & set(ALPHABET)
