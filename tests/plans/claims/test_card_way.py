"""A line is added by its card number and the operator's code: once, and even from an owner."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from messaging.models import Message
from plans.errors import ClaimRefused
from plans.models import ClaimCode, Line, LineClaim
from plans.services.claim_cards import issue_claim_code
from tests.factories import LineFactory, UserFactory
from tests.plans.claims.conftest import ADD, ICCID, NOW, NUMBER, browser_of, told

pytestmark = pytest.mark.django_db

MISMATCH = "Card number and code do not belong together, or the code is used or too old."


@pytest.fixture
def code(line: Line) -> str:
    """A code that the operator has given out for the line."""
    return issue_claim_code(line=line, by="operator@example.com", now=NOW)


def add(client: Client, code: str, iccid: str = ICCID) -> tuple[int, str, str]:
    """Send the form; status, target and text of the answer."""
    answer = client.post(ADD, {"way": "card", "iccid": iccid, "code": code})
    return answer.status_code, answer.headers.get("Location", ""), answer.content.decode()


def test_right_code_adds_a_line_that_nobody_has(
    claiming: Client, claimant: User, line: Line, code: str
) -> None:
    assert add(claiming, code)[:2] == (303, f"/lines/{line.public_id}/")
    line.refresh_from_db()
    assert (line.customer, line.auto_renew) == (claimant, False)
    claim = LineClaim.objects.get()
    assert (claim.state, claim.method, claim.reason) == ("confirmed", "operator", "")
    assert told("line_claimed", "line_moved") == [
        ("line_claimed", "email", "li@example.com"),
        ("line_claimed", "sms", NUMBER),
    ]


def test_the_operators_code_moves_a_line_and_its_former_owner_is_told_by_mail(
    claiming: Client, claimant: User, line: Line, code: str
) -> None:
    owner = UserFactory.create(email="wang@example.com", phone=NUMBER)
    Line.objects.update(customer=owner, auto_renew=True)
    assert add(claiming, code)[0] == 303
    line.refresh_from_db()
    assert (line.customer, line.auto_renew) == (claimant, False)
    # Never by SMS: that number has just moved.
    assert told("line_moved", "line_claim_tried") == [("line_moved", "email", "wang@example.com")]
    assert LineClaim.objects.get().reason == f"moved_from:{owner.pk}"


def test_a_former_owner_without_address_is_told_at_another_number_of_their_own(
    claiming: Client, line: Line, code: str
) -> None:
    Line.objects.update(customer=UserFactory.create(email=None, phone="+66899990000"))
    add(claiming, code)
    assert told("line_moved") == [("line_moved", "sms", "+66899990000")]


@pytest.mark.parametrize(
    "written",
    [
        lambda code: f"{code[:5]}-{code[5:]}",
        lambda code: f" {code[:3]} {code[3:6]} {code[6:]} ".lower(),
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
    ],
)
def test_code_and_card_are_read_in_any_writing(
    claiming: Client, line: Line, code: str, written: object
) -> None:
    spaced = " ".join([ICCID[:4], ICCID[4:8], ICCID[8:]]) + "F"
    assert add(claiming, written(code), spaced)[0] == 303  # type: ignore[operator] # a lambda


def test_a_code_is_good_for_one_use(claiming: Client, line: Line, code: str) -> None:
    add(claiming, code)
    other = browser_of(UserFactory.create())
    assert MISMATCH in add(other, code)[2]
    line.refresh_from_db()
    assert line.customer is not None
    assert line.customer.email == "li@example.com"
    assert ClaimCode.objects.get().used_at == NOW


def test_a_new_code_replaces_the_one_before(claiming: Client, line: Line, code: str) -> None:
    newer = issue_claim_code(line=line, by="operator@example.com", now=NOW)
    assert MISMATCH in add(claiming, code)[2]
    assert add(claiming, newer)[0] == 303


def test_a_code_waits_ninety_days(
    claimant: User, line: Line, code: str, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=90))
    assert MISMATCH in add(browser_of(claimant), code)[2]
    assert LineClaim.objects.get().reason == "expired"
    clock.shift(timedelta(seconds=-1))
    assert add(browser_of(claimant), code)[0] == 303


def test_wrong_card_wrong_code_and_used_code_get_one_and_the_same_answer(
    claiming: Client, line: Line, code: str
) -> None:
    other = LineFactory.create(customer=None, iccid="8966010000000000028")
    ended = LineFactory.create(iccid="8944110000000000016", state="terminated")
    answers = {
        add(claiming, *given)[2].replace(given[1], "").count(MISMATCH)
        for given in (
            ("2345678923", ICCID),
            (code, other.iccid),
            (code, ended.iccid),
            (code, "8901260000000000014"),
        )
    }
    assert answers == {1}
    assert not Line.objects.filter(customer__email="li@example.com").exists()
    # Kept where a line was meant.
    assert list(LineClaim.objects.order_by("pk").values_list("line", "state", "reason")) == [
        (line.pk, "refused", "wrong_code"),
        (other.pk, "refused", "wrong_code"),
    ]
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("iccid", "code", "field"),
    [
        ("8966010000000000011", "2345678923", "iccid"),
        ("123", "2345678923", "iccid"),
        (ICCID, "234567892", "code"),
        (ICCID, "234567892O", "code"),
        ("", "", "iccid"),
    ],
)
def test_a_slip_of_the_pen_is_said_beside_the_field_and_costs_no_try(
    claiming: Client, line: Line, iccid: str, code: str, field: str
) -> None:
    for _try in range(6):
        status, _target, text = add(claiming, code, iccid)
        assert status == 200
        assert f'id="id_{field}_error"' in text
    assert LineClaim.objects.count() == 0


def test_who_has_the_line_already_keeps_the_code_good(
    claiming: Client, claimant: User, line: Line, code: str
) -> None:
    Line.objects.update(customer=claimant)
    assert add(claiming, code)[:2] == (303, f"/lines/{line.public_id}/")
    assert ClaimCode.objects.get().used_at is None
    assert LineClaim.objects.count() == 0


def test_the_code_is_kept_as_a_hash_only(line: Line, code: str) -> None:
    kept = ClaimCode.objects.get()
    assert (len(code), len(kept.code_hash), kept.by) == (10, 64, "operator@example.com")
    assert code not in kept.code_hash


def test_a_line_that_ended_gets_no_code(line: Line) -> None:
    Line.objects.update(state="terminated")
    with pytest.raises(ClaimRefused, match="not_living"):
        issue_claim_code(line=line, by="operator", now=NOW)
    assert ClaimCode.objects.count() == 0


def test_the_command_prints_a_code_that_works(claiming: Client, line: Line) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("issue_claim_code", "+66 81-234-5678", by="desk 3", stdout=out, stderr=err)
    assert "good for 90 days" in err.getvalue()
    assert ClaimCode.objects.get().by == "desk 3"
    assert add(claiming, out.getvalue())[0] == 303


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0812345678", "country code"),
        ("+66812345001", "No living line"),
        (NUMBER, "no card number"),
    ],
)
@pytest.mark.usefixtures("en")
def test_the_command_says_why_it_issues_nothing(line: Line, number: str, words: str) -> None:
    Line.objects.update(iccid="")
    with pytest.raises(CommandError, match=words):
        call_command("issue_claim_code", number)
    assert ClaimCode.objects.count() == 0
