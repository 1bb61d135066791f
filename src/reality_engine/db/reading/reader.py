"""What reads pages, as one protocol: a connection of its own, and nothing of SQLAlchemy between; not the pages."""

from typing import Protocol, TypeVar

from reality_engine.db.reading.statement import Script

T = TypeVar("T")


class NotNowError(Exception):
    """The page could not be read this way just now: a lock, a lost connection. Another way may still do."""


class Reader(Protocol):
    """Reads pages, each at one moment; it cannot write."""

    async def run(self, script: Script[T]) -> T:
        """Run a script; raises NotNowError."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
