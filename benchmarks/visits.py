"""Requests made beforehand, and handlers that answer them without what a test client adds."""

from collections.abc import Callable, Sequence

from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.urls import set_urlconf

from accounts.models import User

OK = 200

type Handler = Callable[[HttpRequest], HttpResponseBase]


def handler(middleware: Sequence[str]) -> Handler:
    """Django's handler behind the given middleware; it raises unless the answer is 200."""
    base = BaseHandler()
    with override_settings(MIDDLEWARE=middleware):
        base.load_middleware()

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = base.get_response(request)
        # A request may name its own table of addresses; the next one starts from ours again.
        set_urlconf(None)
        if response.status_code != OK:
            raise RuntimeError(f"{request.path} answers {response.status_code}")
        return response

    return answer


class Visitor:
    """The browser of a customer who is logged in."""

    def __init__(self, customer: User) -> None:
        client = Client()
        client.force_login(customer)
        self._factory = RequestFactory()
        self._factory.cookies = client.cookies

    def get(self, path: str, *, urlconf: str | None = None) -> WSGIRequest:
        """A request for a page, of the portal or of another table of addresses."""
        request = self._factory.get(path, secure=True)
        if urlconf:
            request.urlconf = urlconf
        return request
