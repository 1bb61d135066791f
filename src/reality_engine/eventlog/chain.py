"""The hash chain over a world's events: SHA-256 of the digest before and the content in canonical JSON; pure."""

import hashlib
from typing import Final

from reality_engine.eventlog.content import to_content
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.sealing import Private, Sealing
from reality_engine.kernel.json import canonical

# What stands before the first event. It does not depend on the world, so that forks and imports keep their chain.
GENESIS: Final = hashlib.sha256(b"reality-engine/1").digest()


def link(previous: bytes, body: bytes) -> bytes:
    """Return the digest of an event: of the one before it and of its sealed content."""
    return hashlib.sha256(previous + body).digest()


def sealed_body(event: Event) -> tuple[bytes, Private]:
    """Return an event's content, sealed and in canonical form, and its private values by commitment."""
    sealing = Sealing()
    tree, alike = to_content(event, sealing.hide)
    return canonical(tree, alike=alike), sealing.private
