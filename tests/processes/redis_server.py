"""A Redis of the test's own, which can be stopped, hung and started again."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager

from redis import Redis
from redis.exceptions import RedisError

from tests.processes.harness import wait_until

# Where Celery keeps bells that nobody has taken yet.
QUEUE = "celery"


class RedisServer:
    """`redis-server` on one loopback port; it keeps nothing when it is killed."""

    def __init__(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        """Start it, on the same port each time, and wait until it answers."""
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self._port), "--save", "", "--bind", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, what="redis-server")

    def kill(self) -> None:
        """End it at once; every bell in it is gone."""
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """Let it take connections and answer nobody, as a swapping or stuck server does."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self._process.send_signal(signal.SIGCONT)

    def bells(self) -> int:
        """How many bells wait for a worker."""
        with self._client() as client:
            return int(client.llen(QUEUE))

    def flush(self) -> None:
        """Throw everything away."""
        with self._client() as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _client(self) -> Redis:
        return Redis(port=self._port, socket_timeout=5, socket_connect_timeout=5)


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A Redis for one test."""
    server = RedisServer()
    try:
        yield server
    finally:
        server.kill()
