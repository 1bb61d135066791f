"""What comes to the token endpoint and what it grants (RFC 6749); not the grants themselves, which register here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reality_engine.accounts.caller import UNKNOWN, Caller
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.errors import BadTokenRequestError
from reality_engine.db.unit import ReadUnit, Units


@dataclass(frozen=True, slots=True)
class ClientProof:
    """Which application says that it asks, and by what it proves that; nothing of it is checked yet."""

    id: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form as it was sent, without what has no value, and who sent it."""

    values: Mapping[str, str] = field(repr=False)
    client: ClientProof | None = None
    caller: Caller = UNKNOWN

    def value(self, name: str) -> str | None:
        """Return a part of the form; None where it was not sent."""
        return self.values.get(name)

    def required(self, name: str) -> str:
        """Return a part of the form; raises BadTokenRequestError where it was not sent."""
        found = self.values.get(name)
        if found is None:
            raise BadTokenRequestError(f"the form has no {name}", field=name, hint="send it in the body")
        return found


@dataclass(frozen=True, slots=True)
class Granted:
    """A session of somebody, with what goes on with it and what else is told of it.

    Without an access token here, the answer has one that is good for all that the user may do.
    """

    user: str
    session: str
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    id_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)


class GrantType(Protocol):
    """Takes a request of one `grant_type` for a session; raises what is to be answered otherwise."""

    async def __call__(self, asked: TokenRequest, units: Units, accounts: AccountContext, moment: datetime) -> Granted:
        """Open or go on with a session, in transactions of its own."""
        ...


class SessionClients(Protocol):
    """Knows which sessions belong to applications, which alone may go on with theirs or end them."""

    async def require(self, unit: ReadUnit, session: str, client: ClientProof | None) -> None:
        """Raise BadClientError where the session is an application's, and not of the one that has proved itself."""
        ...


class NoClients:
    """Where there are no applications, no session is theirs, and what they would prove is of no interest."""

    async def require(self, unit: ReadUnit, session: str, client: ClientProof | None) -> None:
        """Let everybody."""
