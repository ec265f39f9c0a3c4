"""A request and a response without sockets, so that every page and answer is a function."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from billing.sandbox.store import Json

BASE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def text(self) -> str:
        """The body as text; broken UTF-8 stays visible as such and is refused by the decoder."""
        return self.body.decode("utf-8", "surrogateescape")

    def form(self) -> dict[str, str]:
        """The fields of a page's form: the last value of each name."""
        return _flat(self.body.decode("utf-8", "replace"))

    def asked(self) -> dict[str, str]:
        """The query of the address: the last value of each name."""
        return _flat(self.query)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response, complete."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(value: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    fixed = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
    return Response(status, text.encode(), fixed | (headers or {}))


def as_page(html: str, *, status: int = 200, may_lead_to: tuple[str | None, ...] = ()) -> Response:
    """An HTML page under a strict policy.

    `may_lead_to` are the addresses a form may end at: browsers hold a form's redirects to the
    policy too, so the shop's own origin has to be named.
    """
    targets = " ".join(["'self'", *sorted({origin(url) for url in may_lead_to if url})])
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{BASE_POLICY}; form-action {targets}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(status, html.encode(), headers)


def see_other(address: str) -> Response:
    """303: the browser goes on with GET, so that a reload repeats nothing."""
    return Response(303, headers={"Location": _header_safe(address), "Cache-Control": "no-store"})


def origin(url: str) -> str:
    """Scheme, host and port of an address, safe inside a policy."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    host = (parts.hostname or "").encode("idna").decode()
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _header_safe(address: str) -> str:
    """Addresses with Chinese letters are fine for people, not for headers."""
    return "".join(
        letter if letter.isascii() and letter.isprintable() else _percent(letter)
        for letter in address
    )


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _flat(encoded: str) -> dict[str, str]:
    try:
        parsed = parse_qs(encoded, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in parsed.items()}
