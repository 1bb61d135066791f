"""Remembers for a moment which tokens were read and which sessions stand, in bounded room; the tables decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from reality_engine.accounts import repository
from reality_engine.accounts.tokens import AccessClaims, AccessTokens, require_unexpired
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import Principal

# A session that another process revoked is refused here after this long at the latest.
TRUST: Final = timedelta(seconds=1)
ROOM: Final = 10_000

V = TypeVar("V")


class _Recent(Generic[V]):
    """A mapping that forgets what came first when it is full."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._held: dict[str, V] = {}

    def get(self, key: str) -> V | None:
        return self._held.get(key)

    def put(self, key: str, value: V) -> None:
        self._held.pop(key, None)
        self._held[key] = value
        if len(self._held) > self._room:
            del self._held[next(iter(self._held))]

    def drop(self, key: str) -> None:
        self._held.pop(key, None)

    def drop_where(self, unwanted: Callable[[V], bool]) -> None:
        self._held = {key: value for key, value in self._held.items() if not unwanted(value)}


@dataclass(frozen=True, slots=True)
class _Seen:
    principal: Principal
    at: datetime


class Standings:
    """Answers who a token belongs to, asking the database at most once a second for each session."""

    def __init__(self, tokens: AccessTokens, room: int = ROOM) -> None:
        """Remember at most `room` tokens and sessions."""
        self._tokens = tokens
        self._claims = _Recent[AccessClaims](room)
        self._seen = _Recent[_Seen](room)

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose token it is; raises UnauthenticatedError where token, session or user are over."""
        claims = self._read(token, moment)
        seen = self._seen.get(claims.session)
        if seen is not None and seen.at <= moment < seen.at + TRUST:
            return seen.principal
        async with units.read() as unit:
            user = await repository.find_user_of_session(unit, claims.session, moment)
        if user is None or user.id != claims.user:
            raise UnauthenticatedError("the session is over", hint="log in again")
        principal = user.principal(claims.session)
        self._seen.put(claims.session, _Seen(principal, moment))
        return principal

    def forget_session(self, session: str) -> None:
        """Ask the database again about a session; called after the commit that ended it."""
        self._seen.drop(session)

    def forget_user(self, user_id: str) -> None:
        """Ask the database again about all sessions of a user; called after a commit that changed the user."""
        self._seen.drop_where(lambda seen: seen.principal.id == user_id)

    def _read(self, token: str, moment: datetime) -> AccessClaims:
        claims = self._claims.get(token)
        if claims is None:
            claims = self._tokens.read(token, moment)
            self._claims.put(token, claims)
        require_unexpired(claims, moment)
        return claims
