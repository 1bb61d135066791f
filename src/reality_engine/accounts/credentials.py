"""Tells whose a bearer token is, whatever kind of token it is; each kind is read by a reader of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from reality_engine.db.unit import Units
from reality_engine.kernel.principal import Principal


class CredentialReader(Protocol):
    """Reads one kind of token."""

    def reads(self, token: str) -> bool:
        """Say whether this looks like such a token; nothing is verified yet, and nothing looked up."""
        ...

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose token it is; raises UnauthenticatedError where it is no good, or no longer."""
        ...


class Credentials:
    """Asks the first reader that takes the token; the last one takes all that are left."""

    def __init__(self, last: CredentialReader, others: Sequence[CredentialReader] = ()) -> None:
        """Ask the others first, in their order."""
        self._last = last
        self._others = tuple(others)

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose token it is; raises UnauthenticatedError."""
        for reader in self._others:
            if reader.reads(token):
                return await reader.principal_of(units, token, moment)
        return await self._last.principal_of(units, token, moment)
