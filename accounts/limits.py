"""Limits of pages outside allauth, counted as allauth counts and answered by the same 429 page."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest

# The app under which allauth keeps its counts; ACCOUNT_RATE_LIMITS names the rates.
APP = "allauth.account"


def consume_limits(request: HttpRequest, *uses: tuple[str, str], count_get: bool = False) -> None:
    """Count one use of each (action, key), or none at all when one of them is full.

    Raises RateLimited then, which the middleware turns into the 429 page with the time to wait. A
    use that is refused is not counted, so that an early click does not eat the day's allowance.
    A GET counts only with `count_get`.
    """
    request.limit_uses = uses  # type: ignore[attr-defined] # for the time to wait
    for dry_run in (True, False):
        for action, key in uses:
            ratelimit.consume(
                request,
                app=APP,
                action=action,
                key=key,
                dry_run=dry_run,
                limit_get=count_get,
                raise_exception=True,
            )
