"""What every response carries: the id of its request, and the wish not to be indexed."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.logs import META_KEY, reset_request_id, set_request_id

HEADER = "X-Request-Id"
# What a proxy may hand in. Anything else could forge log lines or headers and is replaced.
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}", re.ASCII)


class RequestIdMiddleware:
    """Takes over a well-formed X-Request-Id or makes one; the response says which."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if WELL_FORMED.fullmatch(given) else str(uuid.uuid4())
        request.META[META_KEY] = request_id
        token = set_request_id(request_id)
        try:
            response = self.get_response(request)
        finally:
            reset_request_id(token)
        response.headers[HEADER] = request_id
        return response


class NotIndexedMiddleware:
    """Asks search engines to list nothing, not even files: the portal runs in test mode only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
