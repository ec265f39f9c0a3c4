"""`/_sandbox/`: what was sent, sending it again, the clock, the endpoint; HTML and JSON."""

import json
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from billing.sandbox.errors import ApiError, missing
from billing.sandbox.listener import is_loopback
from billing.sandbox.params import Fields, is_web_address
from billing.sandbox.store import Json
from billing.sandbox.web import Request, Response, as_json, as_page, see_other

if TYPE_CHECKING:
    from billing.sandbox.server import SandboxServer

# Rows of the HTML list; the JSON twin has them all.
SHOWN = 100


def answer(server: "SandboxServer", request: Request) -> Response:
    """One control request; only this machine may ask, and no other site's page."""
    try:
        _check_caller(request)
        parts = request.path.strip("/").split("/")
        if parts[1:2] == ["api"]:
            return as_json(_api(server, request, "/".join(parts[2:])))
        if parts[1:2] == ["do"] and request.method == "POST":
            _act(server, "/".join(parts[2:]), Fields(dict(request.form())))
            return see_other("/_sandbox/")
        return as_page(_page(server))
    except ApiError as error:
        return as_json(error.body(), status=error.status)


def _check_caller(request: Request) -> None:
    host = request.headers.get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise ApiError("The control page answers on this machine's own address only.", status=403)
    source = request.headers.get("origin")
    if source is not None and urlsplit(source).netloc != host:
        raise ApiError("The control page takes no orders from other sites.", status=403)


def _api(server: "SandboxServer", request: Request, name: str) -> Json:
    if request.method == "POST":
        _act(server, name, Fields(_sent(request)))
    if name == "events":
        kind = request.asked().get("type")
        return {"events": server.events(kind), "tries": [_told(t) for t in server.delivery.log]}
    if name in {"clock", "webhook", "resend", "reset"}:
        return {"offset_seconds": server.clock_offset, "url": server.delivery.url}
    raise ApiError("No such control.", status=404)


def _act(server: "SandboxServer", name: str, fields: Fields) -> None:
    if name == "resend":
        event_id = fields.needed("event")
        found = [event for event in server.events() if event["id"] == event_id]
        if not found:
            raise missing("event", event_id, param="event")
        server.delivery.send(found[0])
    elif name == "reset":
        server.reset()
    elif name == "clock":
        offset = fields.whole("offset_seconds", low=-(10**9), high=10**9)
        if offset is None:
            raise fields.lacks("offset_seconds")
        server.clock_offset = offset
    elif name == "webhook":
        url = fields.text("url")
        if url is not None and not is_web_address(url):
            raise ApiError("Not a valid URL", code="url_invalid", param="url")
        server.delivery.url = url
    else:
        raise ApiError("No such control.", status=404)


def _sent(request: Request) -> Json:
    """The body as a form or as JSON; a JSON null is the same as nothing."""
    text = request.body.decode("utf-8", "replace")
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(text))
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise ApiError("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise ApiError("The body is not a JSON object.")
    return {name: str(part) for name, part in value.items() if part is not None}


def _told(tried: "object") -> Json:
    return {name: getattr(tried, name) for name in ("event_id", "at", "status", "problem")}


def _page(server: "SandboxServer") -> str:
    events = list(reversed(server.events()))[:SHOWN]
    tries: dict[str, list[str]] = {}
    for tried in server.delivery.log:
        tries.setdefault(tried.event_id, []).append(str(tried.status or tried.problem))
    rows = "".join(_row(event, tries.get(event["id"], [])) for event in events)
    url = escape(server.delivery.url or "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>模拟收银台（不是 Stripe） · control</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_assets/pay.css">
</head>
<body>
<header class="notice"><div class="notice__in">
  <h1>模拟收银台（不是 Stripe） · control</h1>
  <p>Events of this stand-in, newest first. Nothing here is Stripe.</p>
</div></header>
<main class="control">
<section class="panel panel--wide">
  <form method="post" action="/_sandbox/do/webhook" class="inline">
    <label for="url">Webhook URL</label>
    <input id="url" name="url" value="{url}">
    <button class="button button--small">Set</button>
  </form>
  <form method="post" action="/_sandbox/do/clock" class="inline">
    <label for="offset">Clock offset (seconds)</label>
    <input id="offset" name="offset_seconds" value="{server.clock_offset}" inputmode="numeric">
    <button class="button button--small">Set</button>
  </form>
  <form method="post" action="/_sandbox/do/reset" class="inline">
    <button class="button button--small button--plain">Forget everything</button>
  </form>
  <table>
    <thead><tr><th>Event</th><th>Object</th><th>Created (UTC)</th><th>Delivery</th><th>Again</th></tr>
    </thead>
    <tbody>{rows or '<tr><td colspan="5">No events yet.</td></tr>'}</tbody>
  </table>
</section>
</main>
</body>
</html>
"""


def _row(event: Json, tries: list[str]) -> str:
    created = datetime.fromtimestamp(event["created"], UTC)
    event_id = escape(event["id"])
    state = ", ".join(tries) or ("waiting" if event["pending_webhooks"] else "listed only")
    return f"""<tr>
      <td><b>{escape(event["type"])}</b><small>{event_id}</small></td>
      <td><small>{escape(str(event["data"]["object"].get("id", "")))}</small></td>
      <td>{created:%Y-%m-%d %H:%M:%S}</td>
      <td>{escape(state)}</td>
      <td><form method="post" action="/_sandbox/do/resend">
        <input type="hidden" name="event" value="{event_id}">
        <button class="button button--small">Resend</button></form></td>
    </tr>"""
