"""The dashboard of a line whose owner has one line, and a hundred: processor time and queries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from benchmarks import bare
from benchmarks.clock import CPU, Effort, Side, alternate, statements
from benchmarks.shop import customer_with_lines
from benchmarks.table import CountRow, RatioRow, Row
from benchmarks.visits import Handler, Visitor, handler
from plans.models import PlanVersion

LINES = (1, 100)
LARGEST_RATIO = 2.5
MOST_QUERIES = 8
# By how much of our page's length the bare page may differ from it.
TOLERANCE = 0.1
# Table rows with which the length of one is found.
SAMPLE = 100


class Page:
    """One page, asked for again and again by the same customer."""

    def __init__(self, answer: Handler, request: Callable[[], HttpRequest]) -> None:
        self.answer = answer
        self.request = request

    def length(self) -> int:
        """Bytes of HTML."""
        response = self.answer(self.request())
        assert isinstance(response, HttpResponse)
        return len(response.content)

    def queries(self) -> int:
        """Statements that one request costs, those of session and log-in included."""
        request = self.request()
        return len(statements(lambda: self.answer(request)))

    def side(self, effort: Effort) -> Side[HttpRequest]:
        """Requests for a measurement."""
        return Side(self.answer, [self.request() for _ in range(effort.inputs)])


def measure_dashboard(version: PlanVersion, effort: Effort) -> list[Row]:
    """Two rows for each number of lines: time against a bare page as long, and queries."""
    rows: list[Row] = []
    for lines in LINES:
        ours, baseline = pages(lines, version)
        name = f"dashboard with {lines} line{'s' if lines > 1 else ''}"
        timing = alternate(ours.side(effort), baseline.side(effort), clock=CPU, effort=effort)
        rows += [
            RatioRow(f"{name}: processor time", timing, goal=LARGEST_RATIO),
            CountRow(f"{name}: queries", ours.queries(), baseline.queries(), goal=MOST_QUERIES),
        ]
    return rows


def pages(lines: int, version: PlanVersion) -> tuple[Page, Page]:
    """Our dashboard and a bare page of the same length, for a customer with so many lines."""
    customer, line = customer_with_lines(lines, version=version, now=timezone.now())
    visitor = Visitor(customer)
    ours = Page(handler(settings.MIDDLEWARE), lambda: visitor.get(f"/lines/{line.public_id}/"))
    answer = handler(bare.MIDDLEWARE)

    def bare_page(rows: int) -> Page:
        path = f"/bare/page/{rows}/"
        return Page(answer, lambda: visitor.get(path, urlconf=bare.__name__))

    least, most = bare_page(0).length(), bare_page(SAMPLE).length()
    wanted = ours.length()
    baseline = bare_page(max(0, round((wanted - least) * SAMPLE / (most - least))))
    if abs(baseline.length() - wanted) > TOLERANCE * wanted:
        raise RuntimeError(f"the bare page has {baseline.length()} bytes, ours {wanted}")
    return ours, baseline
