"""A browser without pictures: cookies, forms with their CSRF token, and Stripe's POST."""

import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.parse import urlencode

# Seconds a page may take; a page that takes longer hangs.
PAGE_TIMEOUT = 20.0
ENGLISH = {"Accept-Language": "en"}


@dataclass(frozen=True, slots=True)
class Page:
    """What came back: status, the address in the end, and the text."""

    status: int
    url: str
    text: str


class Visitor:
    """One person at one browser."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, path: str) -> Page:
        """Fetch a page, over all redirects."""
        return self._open(urllib.request.Request(self._base + path, headers=ENGLISH))

    def post(self, path: str, **fields: str) -> Page:
        """Fetch a form, fill it in and send it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)
        assert token is not None, f"no form on {path}"
        body = urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        return self._open(urllib.request.Request(self._base + path, data=body, headers=ENGLISH))

    def answers(self, path: str) -> bool:
        """Whether anybody is there, with any answer."""
        try:
            return self.get(path).status > 0
        except OSError:
            return False

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=PAGE_TIMEOUT)
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.url, error.read().decode(errors="replace"))
        with answer:
            return _page(answer)


def deliver(url: str, signed: tuple[bytes, dict[str, str]], *, timeout: float = 20.0) -> int:
    """POST a signed event as Stripe does and return the status.

    Raises TimeoutError when there is no answer within `timeout` seconds.
    """
    body, headers = signed
    request = urllib.request.Request(url, data=body, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _page(answer: HTTPResponse) -> Page:
    return Page(answer.status, answer.url, answer.read().decode(errors="replace"))
