"""The way out for e-mail: one connection, opened when first needed and held for a whole batch."""

import contextlib
import smtplib
from email.utils import formataddr, parseaddr
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.mail.backends.base import BaseEmailBackend

from messaging.models import Message
from messaging.rendering import Rendered

# SMTP answers from 500 on are final; 4xx ask to come again.
FINAL_ANSWER = 500


class GatewayDownError(OSError):
    """No connection to the mail server: not this message's fault, and the next one's fate too."""


class RefusedError(Exception):
    """The message can never be delivered: the address or the message itself is refused."""


class HeldMailer:
    """Sends e-mails one by one over one connection; use as a context manager."""

    def __init__(self) -> None:
        self.down = False
        self._connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: Message, rendered: Rendered) -> str:
        """Send one e-mail and return its Message-ID.

        Raises GatewayDownError when no connection can be opened, RefusedError when trying again is
        pointless, OSError (smtplib's errors among them) when it is not.
        """
        connection = self._connection or self._open()
        try:
            email = _email(message, rendered)
            connection.send_messages([email])
        except ValueError as error:
            raise RefusedError(str(error)) from error
        except OSError as error:
            if _is_final(error):
                raise RefusedError(str(error)) from error
            # Nobody knows what state the connection is in; the next message gets a new one.
            self._close()
            raise
        return message_id(message)

    def _open(self) -> BaseEmailBackend:
        connection = mailers.default
        try:
            connection.open()
        except OSError as error:
            self.down = True
            raise GatewayDownError(f"mail server not reached: {error}") from error
        self._connection = connection
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # What was sent is sent; a server that hangs up first does not change that.
            with contextlib.suppress(OSError):
                connection.close()


def message_id(message: Message) -> str:
    """The same for every try, so that a mail sent twice after a crash is shown once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{message.public_id}@{domain}>"


def _email(message: Message, rendered: Rendered) -> EmailMultiAlternatives:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    email = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        # The shop's own name over the portal's address: customers know the brand only.
        from_email=formataddr((str(message.context.get("brand") or name), address)),
        to=[message.address],
        headers=_headers(message),
    )
    email.attach_alternative(rendered.html, "text/html")
    return email


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
    # A page of ours where the reader may switch off messages of this kind.
    if unsubscribe_url := message.context.get("unsubscribe_url"):
        headers["List-Unsubscribe"] = f"<{unsubscribe_url}>"
    return headers


def _is_final(error: OSError) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= FINAL_ANSWER for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= FINAL_ANSWER
