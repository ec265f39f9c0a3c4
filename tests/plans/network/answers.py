"""A server that says whatever a test tells it to, bytes and all."""

import re
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class ScriptedServer:
    """Answers each connection with the next of its scripts; keeps what it was asked.

    A script is a list of pieces that are written with `pause` seconds between them.
    """

    def __init__(self, *scripts: list[bytes], pause: float = 0) -> None:
        self._scripts = list(scripts)
        self._pause = pause
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=30)

    def _serve(self) -> None:
        for script in self._scripts:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with connection:
                self.asked.append(_request(connection))
                try:
                    for piece in script:
                        connection.sendall(piece)
                        time.sleep(self._pause)
                except OSError:
                    continue


def _request(connection: socket.socket) -> bytes:
    """One whole request: its head, and as much behind it as the head says."""
    asked = b""
    while part := connection.recv(65_536):
        asked += part
        head, end, body = asked.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return asked


def reply(status: str, body: bytes = b"", *headers: bytes) -> list[bytes]:
    """One whole answer."""
    lines = [b"HTTP/1.1 " + status.encode(), b"Content-Length: %d" % len(body), *headers]
    return [b"\r\n".join(lines) + b"\r\n\r\n" + body]
