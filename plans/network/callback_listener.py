"""A small door on loopback that hears an operator's callbacks, for the conformance suite."""

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from plans.network.conformance import OPEN_STATES, Finding

MAX_BODY = 65_536
Heard = tuple[bytes, Mapping[str, str]]


class CallbackListener(ThreadingHTTPServer):
    """Answers 503 to the first telling of each event, 200 to the next, and keeps both."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        self._heard: list[Heard] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Listen in a thread of its own."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def hear(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep a callback and return the status it gets."""
        event_id = self.content(body).get("event_id")
        with self._changed:
            is_new = all(self.content(one).get("event_id") != event_id for one, _ in self._heard)
            self._heard.append((body, headers))
            self._changed.notify_all()
        return 503 if is_new else 200

    def wait_for(self, order_id: str, *, copies: int, seconds: float) -> list[Heard]:
        """The first callbacks that tell the end of an order; raises Finding when fewer come."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [one for one in self._heard if self._tells_the_end(one[0], order_id)]
                if len(found) >= copies:
                    return found[:copies]
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Finding(f"{copies} tellings of the end expected, {len(found)} came")
                self._changed.wait(left)

    def server_bind(self) -> None:
        """Bind without looking our own name up: that can take seconds without a network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up in the middle is not worth a trace."""

    @staticmethod
    def content(body: bytes) -> dict[str, Any]:
        """The JSON object of a callback; empty when it is none."""
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def _tells_the_end(self, body: bytes, order_id: str) -> bool:
        content = self.content(body)
        return content.get("order_id") == order_id and content.get("state") not in OPEN_STATES


class Handler(BaseHTTPRequestHandler):
    """Bytes in, a status out."""

    server: CallbackListener
    timeout = 10

    def do_POST(self) -> None:
        """Hear one callback."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() and len(length) < len(str(MAX_BODY)) + 1 else 0
        names = {name.title(): value for name, value in self.headers.items()}
        self.send_response(self.server.hear(self.rfile.read(size), names))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep no log of requests."""
