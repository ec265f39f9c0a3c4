"""A mail server for tests: locmem that counts connections and answers as told."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection


def accept(_mail: EmailMessage) -> None:
    """The usual answer."""


class Server:
    """What the far end saw, and what it will answer."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.inside_transaction: list[bool] = []
        # Raised on connecting.
        self.away: OSError | None = None
        # Called with each mail before it is taken; may raise.
        self.on_mail: Callable[[EmailMessage], None] = accept
        # Called after a mail was taken, before the caller hears of it; may raise.
        self.after_mail: Callable[[EmailMessage], None] = accept


server = Server()


class CountingBackend(EmailBackend):
    """Behaves like SMTP: an open connection is reused, a closed one is opened again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_open = False

    def open(self) -> bool:
        if self.is_open:
            return False
        if server.away is not None:
            raise server.away
        server.opened += 1
        self.is_open = True
        return True

    def close(self) -> None:
        if self.is_open:
            server.closed += 1
        self.is_open = False

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        opened_here = self.open()
        try:
            for mail in messages:
                server.inside_transaction.append(connection.in_atomic_block)
                server.on_mail(mail)
                super().send_messages([mail])
                server.after_mail(mail)
        finally:
            if opened_here:
                self.close()
        return len(messages)
