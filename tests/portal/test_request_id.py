"""Every response says which request it answers, and its log lines say the same."""

import logging
import uuid
from collections.abc import Iterator

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.logs import RequestIdFilter, current_request_id
from portal.middleware import RequestIdMiddleware


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_request_id())


def test_a_request_gets_a_random_id(rf: RequestFactory) -> None:
    first, second = (RequestIdMiddleware(answer)(rf.get("/")) for _ in range(2))

    assert str(uuid.UUID(first.headers["X-Request-Id"])) == first.content.decode()
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_well_formed_id_of_a_proxy_is_kept(rf: RequestFactory) -> None:
    response = RequestIdMiddleware(answer)(rf.get("/", headers={"X-Request-Id": "edge-1.a_B7"}))

    assert response.headers["X-Request-Id"] == response.content.decode() == "edge-1.a_B7"


@pytest.mark.parametrize(
    "given",
    ["short", "a" * 65, "-leading-dash", 'quote"12345', "new\nline-123", "号码号码号码号码"],
)
def test_a_badly_formed_id_is_replaced(rf: RequestFactory, given: str) -> None:
    response = RequestIdMiddleware(answer)(rf.get("/", headers={"X-Request-Id": given}))

    assert str(uuid.UUID(response.headers["X-Request-Id"])) == response.content.decode()


def test_the_id_ends_with_its_request_even_when_the_page_fails(rf: RequestFactory) -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise RuntimeError(current_request_id())

    with pytest.raises(RuntimeError, match="edge-12345"):
        RequestIdMiddleware(fail)(rf.get("/", headers={"X-Request-Id": "edge-12345"}))

    assert current_request_id() == "-"


class Kept(logging.Handler):
    """Keeps the id of each record, as the filter of settings.LOGGING gives it."""

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(RequestIdFilter())
        self.ids: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.ids.append(str(vars(record)["request_id"]))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_log_lines_of_a_page_carry_its_id(rf: RequestFactory, kept: Kept) -> None:
    def log(request: HttpRequest) -> HttpResponse:
        logging.getLogger("plans").warning("low")
        return HttpResponse()

    response = RequestIdMiddleware(log)(rf.get("/"))

    assert kept.ids == [response.headers["X-Request-Id"]]


@pytest.mark.django_db
def test_a_failure_logged_after_the_last_middleware_carries_the_id(
    client: Client, kept: Kept
) -> None:
    MigrationRecorder.Migration.objects.all().delete()

    response = client.get("/readyz/", headers={"X-Request-Id": "edge-12345"})

    assert response.status_code == 503
    assert kept.ids
    assert set(kept.ids) == {"edge-12345"}
