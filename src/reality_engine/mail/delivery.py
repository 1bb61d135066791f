"""Brings a message to where it goes: to a terminal, a folder or a mail server; not which messages there are."""

import asyncio
import os
import ssl
import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol, TextIO

import aiosmtplib

from reality_engine.mail.places import Console, Folder, MailServer, Place

# A mail server that says nothing for so long will be asked again later; and so long it may take in all.
SILENCE_SECONDS: Final = 10
WHOLE_SECONDS: Final = 30


class RefusedError(Exception):
    """The message will never be taken: there is no such mailbox, or it is refused for what it is."""


class NotNowError(Exception):
    """The message may be taken at another time."""


class Delivery(Protocol):
    """One way for messages to go."""

    async def deliver(self, message: EmailMessage, name: str, /) -> None:
        """Bring a message to its recipient's side; raises RefusedError and NotNowError, which say nothing personal."""
        ...


def delivery_to(place: Place) -> Delivery:
    """Return the way to a place."""
    if isinstance(place, MailServer):
        return ServerDelivery(place)
    return FolderDelivery(place) if isinstance(place, Folder) else ConsoleDelivery(place, sys.stderr)


class ConsoleDelivery:
    """Shows the text of messages, for trying things on one's own machine."""

    def __init__(self, _place: Console, stream: TextIO) -> None:
        """Write to this stream."""
        self._stream = stream

    async def deliver(self, message: EmailMessage, name: str, /) -> None:
        """Write it."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        self._stream.write(f"--- letter {name} to {message['To']}: {message['Subject']}\n{text}---\n")
        self._stream.flush()


class FolderDelivery:
    """Makes each message a file `<name>.eml`, which appears whole and which only this user may read."""

    def __init__(self, place: Folder) -> None:
        """Make the folder at the first message."""
        self._folder = place.path

    async def deliver(self, message: EmailMessage, name: str, /) -> None:
        """Write the file."""
        try:
            await asyncio.to_thread(self._write, message.as_bytes(), name)
        except OSError as error:
            raise NotNowError(f"the folder cannot be written to: {error.strerror}") from error

    def _write(self, raw: bytes, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=f".{name}.", dir=self._folder)  # with mode 600
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(raw)
        Path(draft).replace(self._folder / f"{name}.eml")


class ServerDelivery:
    """Hands messages to a mail server, one connection for each."""

    def __init__(self, place: MailServer, tls: ssl.SSLContext | None = None) -> None:
        """Trust the certificates that the system does, or those that `tls` says."""
        self._place = place
        self._tls = tls

    async def deliver(self, message: EmailMessage, _name: str, /) -> None:
        """Send it."""
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await self._send(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0].code, "the recipient") from error
        except aiosmtplib.SMTPDataError as error:
            raise _judged(error.code, "the message") from error
        except aiosmtplib.SMTPResponseException as error:
            # Log-in or sender are refused: whoever runs the server can mend that, and then it goes.
            raise NotNowError(f"the mail server answered {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotNowError(
                f"the mail server could not be talked to: {str(error) or type(error).__name__}"
            ) from error

    async def _send(self, message: EmailMessage) -> None:
        place = self._place
        await aiosmtplib.send(
            message,
            recipients=[message["To"].addresses[0].addr_spec],
            hostname=place.host,
            port=place.port,
            username=place.user,
            password=place.password,
            timeout=SILENCE_SECONDS,
            use_tls=place.privacy == "tls",
            start_tls=place.privacy == "starttls",
            tls_context=self._tls,
        )


def _judged(code: int, what: str) -> Exception:
    said = f"the mail server refused {what} with {code}"
    return RefusedError(said) if code >= 500 else NotNowError(said)
