"""The sockets: a small threading HTTP server on this machine's own address, and nothing else."""

import ipaddress
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from billing.sandbox.web import Request, Response, as_json

log = logging.getLogger(__name__)

MAX_BODY = 1_000_000
# Browsers open connections in advance and send nothing for a while.
READ_WITHIN = 30


def is_loopback(host: str) -> bool:
    """True for this machine's own addresses only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Handler(BaseHTTPRequestHandler):
    """Bytes to `Request`, `Response` to bytes; knows nothing of payments."""

    server: "Listener"
    protocol_version = "HTTP/1.1"
    timeout = READ_WITHIN
    # One write for headers and body: two would wait for each other on a real network stack.
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer a POST that says how long it is."""
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            self._write(_refusal(411, "Content-Length is missing."))
            return
        if not 0 <= length <= MAX_BODY:
            self._write(_refusal(413, "The request is too large."))
            return
        self._answer(self.rfile.read(length))

    def version_string(self) -> str:
        """What the `Server` header says."""
        return "xuka-sandbox"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Keep no log of requests: what people type must not end up in one."""

    def _answer(self, body: bytes) -> None:
        try:
            parts = urlsplit(self.path)
        except ValueError:
            self._write(_refusal(400, "The address cannot be read."))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(parts.path), parts.query, headers, body)
        self._write(self.server.respond(request))

    def _write(self, response: Response) -> None:
        self.close_connection = True
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        # One request per connection: the stand-in can stop at any time without waiting.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)


class Listener(ThreadingHTTPServer):
    """Listens on loopback; closing it ends every open connection and joins every thread."""

    daemon_threads = False
    # The default of 5 drops connections when many payments end at once.
    request_queue_size = 128

    def __init__(self, host: str, port: int, respond: Callable[[Request], Response]) -> None:
        if not is_loopback(host):
            message = f"The stand-in listens on loopback addresses only, not on {host}."
            raise ValueError(message)
        if ":" in host:
            self.address_family = socket.AF_INET6
        self._app = respond
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, port), Handler)

    def respond(self, request: Request) -> Response:
        """The application's answer; a mistake of ours is a 500 and a trace, never a hang."""
        try:
            return self._app(request)
        except Exception:
            log.exception("the stand-in failed on %s %s", request.method, request.path)
            return _refusal(500, "The stand-in itself failed; its log says why.", "api_error")

    def server_bind(self) -> None:
        """Bind without looking our own name up: that can take seconds without a network."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection and remember it until it is closed."""
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._open_lock:
            self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up in the middle is not worth a trace."""

    def end(self) -> None:
        """Stop listening, hang up on everybody, wait for the threads."""
        self.shutdown()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


def _refusal(status: int, message: str, kind: str = "invalid_request_error") -> Response:
    return as_json({"error": {"message": message, "type": kind}}, status=status)
