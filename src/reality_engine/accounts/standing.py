"""Remembers for a moment which tokens were read and which sessions stand, in bounded room; the tables decide."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, Generic, TypeAlias, TypeVar

from reality_engine.accounts import repository
from reality_engine.accounts.tokens import AccessClaims, AccessTokens, require_unexpired
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import Principal

# A session that another process revoked is refused here after this long at the latest.
TRUST: Final = timedelta(seconds=1)
# From then on the tables are asked anew, while what they said still holds; and together with it about all that was said
# before this, so that what was asked about one by one is asked about together from then on.
DUE: Final = TRUST / 2
JOINING: Final = TRUST / 4
ROOM: Final = 10_000
# So many are asked about in one query.
AT_ONCE: Final = 500

V = TypeVar("V")


class _Recent(Generic[V]):
    """A mapping that forgets what came first when it is full."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._held: dict[str, V] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: str) -> V | None:
        return self._held.get(key)

    def put(self, key: str, value: V) -> None:
        self._held.pop(key, None)
        self._held[key] = value
        if len(self._held) > self._room:
            del self._held[next(iter(self._held))]

    def oldest(self, most: int) -> list[tuple[str, V]]:
        return list(islice(self._held.items(), most))

    def drop(self, key: str) -> None:
        self._held.pop(key, None)

    def drop_where(self, unwanted: Callable[[V], bool]) -> None:
        self._held = {key: value for key, value in self._held.items() if not unwanted(value)}


_Answer: TypeAlias = "asyncio.Future[User | None]"


@dataclass(slots=True)
class _Seen:
    """A session that stood when it was asked about; `used` says whether anybody came with it since."""

    principal: Principal
    at: datetime
    used: bool = False

    def holds(self, moment: datetime) -> bool:
        return self.at <= moment < self.at + TRUST

    def older(self, moment: datetime, age: timedelta) -> bool:
        return moment >= self.at + age


class Standings:
    """Answers who a token belongs to, from what the tables said at most a second ago.

    There is one query at a time, about everybody who came while the last one was under way, and about those in use
    whom it is nearly time to ask about: so the tables are asked a few times a second, and not for each session.
    """

    def __init__(self, tokens: AccessTokens, room: int = ROOM) -> None:
        """Remember at most `room` tokens and sessions."""
        self._tokens = tokens
        self._claims = _Recent[AccessClaims](room)
        self._seen = _Recent[_Seen](room)
        self._wanted: dict[str, _Answer] = {}
        self._asked: dict[str, _Answer] = {}
        self._moment = datetime.min.replace(tzinfo=UTC)
        self._asking: asyncio.Task[None] | None = None

    @property
    def remembered(self) -> int:
        """How many sessions are known to stand."""
        return len(self._seen)

    def reads(self, token: str) -> bool:
        """Say that any token may be one of ours."""
        return bool(token)

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose token it is; raises UnauthenticatedError where token, session or user are over."""
        claims = self._claims.get(token)
        if claims is None or not self._tokens.knows_key(claims, moment):
            claims = await self._read(token, claims, moment)
        require_unexpired(claims, moment)
        seen = self._seen.get(claims.session)
        if seen is not None and seen.holds(moment):
            seen.used = True
            if seen.older(moment, DUE):
                self._answer(units, claims.session, moment)
            return seen.principal
        # Others wait for the same answer, and must have it even if this one goes away.
        user = await asyncio.shield(self._answer(units, claims.session, moment))
        if user is None or user.id != claims.user:
            raise UnauthenticatedError("the session is over", hint="log in again")
        return user.principal(claims.session)

    def forget_session(self, session: str) -> None:
        """Ask the database again about a session; called after the commit that ended it."""
        self._seen.drop(session)
        self._asked.pop(session, None)

    def forget_user(self, user_id: str) -> None:
        """Ask the database again about all sessions of a user; called after a commit that changed the user."""
        self._seen.drop_where(lambda seen: seen.principal.id == user_id)
        self._asked.clear()

    async def _read(self, token: str, known: AccessClaims | None, moment: datetime) -> AccessClaims:
        if known is not None:
            await self._tokens.require_key(known, moment)
            return known
        claims = await self._tokens.read(token, moment)
        self._claims.put(token, claims)
        return claims

    def _answer(self, units: Units, session: str, moment: datetime) -> _Answer:
        """Return the answer that is being waited for, or want one."""
        answer = self._asked.get(session) or self._wanted.get(session)
        if answer is None:
            answer = self._wanted[session] = asyncio.get_running_loop().create_future()
            self._moment = moment
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask_all(units))
        return answer

    async def _ask_all(self, units: Units) -> None:
        try:
            while self._wanted:
                for session in self._due():
                    self._wanted.setdefault(session, asyncio.get_running_loop().create_future())
                taken = {session: self._wanted.pop(session) for session in list(self._wanted)[:AT_ONCE]}
                self._asked = dict(taken)
                await self._ask(units, taken, self._moment)
        finally:
            self._asking = None

    def _due(self) -> Iterator[str]:
        """Yield the sessions in use that may be asked about too, the oldest first, and forget those out of use."""
        for session, seen in self._seen.oldest(AT_ONCE):
            if not seen.older(self._moment, JOINING):
                return
            if seen.used:
                yield session
            elif not seen.holds(self._moment):
                self._seen.drop(session)

    async def _ask(self, units: Units, taken: dict[str, _Answer], moment: datetime) -> None:
        try:
            async with units.read() as unit:
                users = await repository.find_users_of_sessions(unit, list(taken), moment)
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for answer in taken.values():
                answer.set_exception(error)
                answer.exception()  # there may be nobody who waits
            return
        finally:
            asked, self._asked = self._asked, {}
        for session, answer in taken.items():
            # Otherwise it was forgotten meanwhile, and what was read may be from before.
            if asked.get(session) is answer:
                self._note(session, users.get(session), moment)
            answer.set_result(users.get(session))

    def _note(self, session: str, user: User | None, moment: datetime) -> None:
        if user is None:
            self._seen.drop(session)
        else:
            self._seen.put(session, _Seen(user.principal(session), moment))
