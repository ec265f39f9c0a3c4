"""A simulated operator behind a real socket: signed HTTP on loopback, callbacks included.

For tests, for trying `check_network`, and for an operator's engineer who wants to see the contract
at work before building it. Not for anything else: it forgets everything when it ends.
"""

import ipaddress
import json
import logging
import threading
from datetime import UTC, datetime
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from plans.network.operator_book import Book, Callback, Defect, Reply
from plans.network.signing import KEY_ID, SIGNATURE, TIMESTAMP, BadSignature, Keyring
from plans.network.wire import NoAnswer, NotSent, exchange

log = logging.getLogger(__name__)

ORDERS, LINES = "/v1/service-orders/", "/v1/lines"
MAX_BODY = 65_536
# Seconds between two looks for callbacks, until a refused one is sent again, and how often.
LOOK_EVERY = 0.05
CALL_AGAIN = 0.2
WITHIN = 10.0


class SimulatedOperator(ThreadingHTTPServer):
    """Listens on loopback; `book` holds its orders and takes faults."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        keys: Keyring,
        *,
        book: Book | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        callback_url: str = "",
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the simulated operator listens on loopback only, not on {host}")
        super().__init__((host, port), Handler)
        self.keys = keys
        self.book = book or Book()
        self.callback_url = callback_url
        self.base_url = f"http://{host}:{self.server_address[1]}"
        self._stopping = threading.Event()
        self._workers: list[threading.Thread] = []

    def start(self) -> Self:
        """Answer, and call back, in threads of its own."""
        for work in (self._listen, self._call_back):
            thread = threading.Thread(target=work, name=f"operator{work.__name__}", daemon=True)
            self._workers.append(thread)
            thread.start()
        return self

    def stop(self) -> None:
        """End the threads and close the socket; a second call changes nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._workers:
            self.shutdown()
        for thread in self._workers:
            thread.join()
        self.server_close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def server_bind(self) -> None:
        """Bind without looking our own name up: that can take seconds without a network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up in the middle is not worth a trace."""

    def answer(self, method: str, target: str, headers: Message, body: bytes) -> Reply:
        """Answer one request; who is not believed learns and changes nothing."""
        refusal = self._distrust(headers, body)
        if refusal:
            return Reply(401, {"code": refusal})
        parts = urlsplit(target)
        path = unquote(parts.path)
        if path.startswith(ORDERS):
            return self._order(method, path.removeprefix(ORDERS), body)
        if method == "GET" and path == LINES:
            return self._lines(parse_qs(parts.query))
        if method == "GET" and path.startswith(f"{LINES}/"):
            return self.book.line(path.removeprefix(f"{LINES}/"))
        return Reply(404, {"code": "unknown_address"})

    def signed(self, callback: Callback) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a callback, signed now; wrongly when a fault says so."""
        body = json.dumps(callback.event).encode()
        headers = {"Content-Type": "application/json"}
        if Defect.UNSIGNED_CALLBACK in self.book.defects:
            return body, headers
        key_id = self.keys.key_id
        wrong = Keyring(key_id, {key_id: "not the secret of anybody"})
        keys = wrong if callback.is_wrong else self.keys
        return body, headers | keys.sign(body, at=datetime.now(UTC))

    def _distrust(self, headers: Message, body: bytes) -> str:
        defects = self.book.defects
        now = datetime.now(UTC)
        stamp = headers.get(TIMESTAMP, "")
        if Defect.ANY_AGE in defects and stamp.isdigit():
            now = datetime.fromtimestamp(int(stamp), UTC)
        try:
            given = {name: headers.get(name, "") for name in (TIMESTAMP, KEY_ID, SIGNATURE)}
            self.keys.verify(body, given, now=now)
        except BadSignature as error:
            is_old = "minutes" in str(error)
            if Defect.ANY_SIGNATURE not in defects or is_old:
                return str(error).replace(" ", "_")
        return ""

    def _order(self, method: str, name: str, body: bytes) -> Reply:
        try:
            order_id = str(UUID(name))
        except ValueError:
            return Reply(404, {"code": "unknown_order"})
        if method == "GET":
            return self.book.order(order_id)
        if method != "PUT":
            return Reply(405, {"code": "method"})
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return Reply(400, {"code": "not_json"})
        if not isinstance(content, dict):
            return Reply(400, {"code": "not_an_object"})
        return self.book.put(order_id, content)

    def _lines(self, query: dict[str, list[str]]) -> Reply:
        try:
            since = datetime.fromisoformat(query["changed_since"][0])
        except (KeyError, ValueError):
            return Reply(422, {"code": "changed_since"})
        if since.tzinfo is None:
            return Reply(422, {"code": "changed_since"})
        return self.book.changed_lines(since, query.get("cursor", [""])[0])

    def _listen(self) -> None:
        self.serve_forever(poll_interval=0.02)

    def _call_back(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            if self.callback_url:
                for callback in self.book.due_callbacks():
                    self._call(callback)

    def _call(self, callback: Callback) -> None:
        body, headers = self.signed(callback)
        try:
            status = exchange("POST", self.callback_url, headers=headers, body=body).status
        except (NotSent, NoAnswer):
            status = 0
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not status:
            self.book.call_again(callback, after=CALL_AGAIN)


class Handler(BaseHTTPRequestHandler):
    """Bytes to an answer and back; knows nothing of orders."""

    server: SimulatedOperator
    protocol_version = "HTTP/1.1"
    timeout = WITHIN
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer a question."""
        self._reply(self.server.answer("GET", self.path, self.headers, b""))

    def do_PUT(self) -> None:
        """Take an order that says how long it is."""
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            self._reply(Reply(411, {"code": "length"}))
            return
        if not 0 <= length <= MAX_BODY:
            self._reply(Reply(413, {"code": "too_large"}))
            return
        self._reply(self.server.answer("PUT", self.path, self.headers, self.rfile.read(length)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep no log of requests: they hold numbers of people."""

    def _reply(self, reply: Reply) -> None:
        self.close_connection = True
        if reply.is_lost:
            return
        body = json.dumps(reply.content).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
