"""What a page carries through the browser and back: the promise it made, and how often it asked."""

from django.http import HttpRequest

from billing.services.quotes import Quote

# Nobody asks more often than this; longer figures are none of ours.
MOST_DIGITS = 4


def promise_text(quote: Quote) -> str:
    """The promise as a form carries it back, `<total in minor units>:<last day>`; and, where it
    ends a period, `:<position of that>`: who agreed to lose one has not agreed to lose another."""
    total_minor, last_on = quote.promise
    lost = f":{quote.loses.period.sequence}" if quote.loses else ""
    return f"{total_minor}:{last_on.isoformat()}{lost}"


def polls_of(request: HttpRequest) -> int:
    """How often the page has asked for its moving part, by `?n=`; 0 for anything else."""
    given = request.GET.get("n", "")
    is_count = given.isdecimal() and given.isascii() and len(given) <= MOST_DIGITS
    return int(given) if is_count else 0
