"""A mail server on a port of its own, for tests: keeps what it is handed, and refuses when told; not a fake of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """What arrived, and what is said to the next ones instead of taking them, by the step at which it is said."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    private: list[bool] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def recipient_named(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if "recipient" in self.says:
            return self.says["recipient"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def message_sent(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        self.asked.set()
        if "silence" in self.says:
            await asyncio.sleep(60)
        if "message" in self.says:
            return self.says["message"]
        content: Any = envelope.content
        self.letters.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.private.append(session.ssl is not None)
        return "250 taken"


@asynccontextmanager
async def postbox(tls: SSLContext | None = None) -> AsyncIterator[Postbox]:
    """Serve for as long as the block lasts; with a context, by STARTTLS alone."""
    box = Postbox()
    steps = SimpleNamespace(handle_RCPT=box.recipient_named, handle_DATA=box.message_sent)
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        return SMTP(steps, tls_context=tls, require_starttls=tls is not None, hostname="postbox", loop=loop)

    server = await loop.create_server(serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a letter."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
