"""Stands between the portal and the Stripe stand-in and can hold answers back."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.processes.harness import PATIENCE, wait_until


class Gate(ThreadingHTTPServer):
    """Passes everything on; while it is shut, readings of sessions wait before their answer."""

    daemon_threads = True
    # Fifty contenders knock at once.
    request_queue_size = 128

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target = urlsplit(target).netloc
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.waiting = 0
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()

    def shut(self) -> None:
        """Hold back the answer to every reading of a session from now on."""
        self._open.clear()

    def open(self) -> None:
        """Let every answer go, now and later."""
        self._open.set()

    def wait_for(self, count: int) -> None:
        """Return when so many readings stand before the shut gate."""
        wait_until(lambda: self.waiting >= count, what=f"{count} readings of a session")

    def hold(self) -> None:
        """One reading waits here for the gate to open."""
        if self._open.is_set():
            return
        with self._lock:
            self.waiting += 1
        self._open.wait(PATIENCE)
        with self._lock:
            self.waiting -= 1

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed worker hangs up in the middle; that is what this is for."""


class _Passing(BaseHTTPRequestHandler):
    server: Gate
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._pass_on(None)

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep no log."""

    def _pass_on(self, body: bytes | None) -> None:
        call = http.client.HTTPConnection(self.server.target, timeout=PATIENCE)
        try:
            call.request(self.command, self.path, body, dict(self.headers.items()))
            with call.getresponse() as answer:
                content = answer.read()
                status, kind = answer.status, answer.headers.get("Content-Type", "")
        finally:
            call.close()
        if self.command == "GET" and self.path.startswith("/v1/checkout/sessions/"):
            self.server.hold()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def gate_before(target: str) -> Iterator[Gate]:
    """A gate for one test."""
    gate = Gate(target)
    thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gate
    finally:
        gate.open()
        gate.shutdown()
        thread.join()
        gate.server_close()
