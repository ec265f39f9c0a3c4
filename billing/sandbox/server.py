"""The stand-in as a whole: start, stop, and everything the hosted page can do, without HTTP."""

import threading
from types import TracebackType
from typing import Any, Literal, Self

from billing.sandbox import cards, checkout, control, events, hosted, sessions
from billing.sandbox.api import Api
from billing.sandbox.delivery import RETRY_AFTER, Delivery, Signed
from billing.sandbox.listener import Listener
from billing.sandbox.store import Json, Store
from billing.sandbox.web import Request, Response, see_other
from billing.sandbox.world import World

Seen = tuple[str, str, str | None]

# Seconds between two looks for sessions whose time has passed.
SWEEP_EVERY = 1.0
# A stand-in that runs for days must not grow by its own diary.
MAX_REQUESTS = 10_000


class SandboxServer:
    """Listens on loopback from the moment it is made; answers from `start` to `stop`."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: str = ":memory:",
        secret_key: str = "sk_test_sandbox_xuka",  # noqa: S107 (a sandbox key opens nothing)
        webhook_secret: str = "whsec_sandbox_xuka",  # noqa: S107
        webhook_url: str | None = None,
        public_url: str | None = None,
        retry_after: tuple[float, ...] = RETRY_AFTER,
    ) -> None:
        self._store = Store(data)
        try:
            self._listener = Listener(host, port, self._respond)
        except BaseException:
            self._store.close()
            raise
        bound, bound_port = self._listener.server_address[:2]
        name = f"[{bound!s}]" if ":" in str(bound) else str(bound)
        self.base_url = f"http://{name}:{bound_port}"
        self.requests: list[Seen] = []
        self.delivery = Delivery(url=webhook_url, secret=webhook_secret, retry_after=retry_after)
        self._world = World(self._store, public_url=(public_url or self.base_url).rstrip("/"))
        self._world.send = self.delivery.send
        self._world.has_endpoint = lambda: self.delivery.url is not None
        self.delivery.on_delivered = lambda event_id: events.mark_delivered(self._world, event_id)
        self._api = Api(self._world, secret_key)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Answer from now on, in threads of its own."""
        for work in (self._listen, self._sweep):
            thread = threading.Thread(target=work, name=f"sandbox{work.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def stop(self) -> None:
        """End every thread and connection; a second call changes nothing."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._threads:
            self._listener.end()
        else:
            self._listener.server_close()
        for thread in self._threads:
            thread.join()
        self.delivery.stop()
        self._store.close()

    def __enter__(self) -> Self:
        """Start, unless it runs already."""
        return self if self._threads else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def clock_offset(self) -> int:
        """Seconds that the stand-in's clock runs ahead of the machine's."""
        return self._world.clock_offset

    @clock_offset.setter
    def clock_offset(self, seconds: int) -> None:
        self._world.clock_offset = seconds

    def pay(
        self,
        session_id: str,
        card: str = "4242424242424242",
        challenge: Literal["approve", "fail"] | None = "approve",
    ) -> Json:
        """Pay as the page does and give the session back.

        `challenge` answers the bank's question; None walks away from it. Raises ValueError for
        a number that is not a test card and for a session that is over.
        """
        found = cards.find(card)
        if found is None:
            raise ValueError("only the listed test numbers can pay")
        with self._world.change():
            session = sessions.current(self._world, session_id)
            if session["status"] != "open":
                raise ValueError(f"the session is {session['status']}, not open")
            checkout.pay(self._world, session_id, found)
            intent_id = self.session(session_id)["payment_intent"]
            intent = self._world.read("payment_intent", intent_id)
            if intent["status"] == "requires_action" and challenge is not None:
                approved = challenge == "approve"
                checkout.answer_challenge(self._world, intent_id, approved=approved)
            return self.session(session_id)

    def events(self, type: str | None = None) -> list[Json]:  # noqa: A002 (Stripe's word)
        """What happened so far, oldest first; of one type when it is given."""
        with self._world.change():
            found = self._store.newest_first("event")
        return [event for event in reversed(found) if type in {None, event["type"]}]

    def signed(self, event: Json) -> Signed:
        """Body and headers of a webhook for an event, signed now."""
        return self.delivery.signed(event)

    def session(self, session_id: str) -> Json:
        """A checkout session as the API would show it."""
        with self._world.change():
            return sessions.current(self._world, session_id)

    def tamper(self, session_id: str, **fields: Any) -> Json:
        """Make a stored session lie (amount_total, currency, …), to prove a caller's checks."""
        with self._world.change():
            session = self._world.read(sessions.KIND, session_id)
            unknown = fields.keys() - session.keys()
            if unknown:
                raise ValueError(f"a session has no {', '.join(sorted(unknown))}")
            return self._world.save(session | fields)

    def reset(self) -> None:
        """Forget every object, event and request, and set the clock right."""
        with self._world.change():
            self._store.clear()
        self.delivery.forget()
        self.requests.clear()
        self.clock_offset = 0

    def dump(self) -> str:
        """The whole store as text, for proofs that something is not in it."""
        with self._world.change():
            return self._store.dump()

    def _respond(self, request: Request) -> Response:
        if request.path.startswith("/v1/"):
            del self.requests[:-MAX_REQUESTS]
            key = request.headers.get("idempotency-key")
            self.requests.append((request.method, request.path, key))
            return self._api.answer(request)
        if request.path.startswith("/_sandbox"):
            return control.answer(self, request)
        if request.path == "/":
            return see_other("/_sandbox/")
        return hosted.answer(self._world, request)

    def _listen(self) -> None:
        self._listener.serve_forever(poll_interval=0.02)

    def _sweep(self) -> None:
        while not self._stopping.wait(SWEEP_EVERY):
            with self._world.change():
                sessions.expire_due(self._world)
