"""The log-in of a browser on this server's pages: a session like any other, named by a cookie; not how it begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.user import User
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.ids import is_id
from reality_engine.web.forgery import cookie_name
from reality_engine.web.seals import BrokenSealError, Seals

_COOKIE: Final = "reality-login"
# How long after somebody has logged in for one request that counts as having logged in for it.
_FRESH: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Login:
    """Who is logged in in a browser, since when, by which session."""

    session: str
    user: User
    at: datetime


class Logins:
    """Sets and reads the cookie: sealed, so that nobody can make one; the session it names can be ended anywhere."""

    def __init__(self, secret: bytes, lifetime: timedelta, *, secure: bool) -> None:
        """Derive the key from the server's secret; `secure` cookies travel over HTTPS alone."""
        self._seals = Seals(secret, "log-ins of browsers")
        self._name = cookie_name(_COOKIE, secure=secure)
        self._secure = secure
        self.lifetime = lifetime

    def keep(self, response: Response, session: str, moment: datetime) -> None:
        """Have the browser keep who it is, until it is closed or the log-in ends."""
        sealed = self._seals.seal([session, to_text(moment)], "cookie")
        # Lax, since an application sends people here from its own site.
        response.set_cookie(self._name, sealed, path="/", secure=self._secure, httponly=True, samesite="lax")

    def drop(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self._name, path="/", secure=self._secure, httponly=True, samesite="lax")

    async def of(self, request: Request, unit: ReadUnit, moment: datetime) -> Login | None:
        """Return who is logged in in the browser that asks."""
        found = self._read(request.cookies.get(self._name, ""))
        if found is None:
            return None
        user = await accounts.find_user_of_session(unit, found[0], moment)
        return None if user is None else Login(found[0], user, found[1])

    def proof(self, session: str, query: str, moment: datetime) -> str:
        """Return the word that somebody has logged in just now for one request, for it to be answered."""
        return self._seals.seal([session, to_text(moment)], "proof", _digest(query))

    def is_proved(self, proof: str, login: Login, query: str, moment: datetime) -> bool:
        """Say whether a log-in was made for this very request, a moment ago."""
        try:
            session, at = self._opened(self._seals.open(proof, "proof", _digest(query)))
        except BrokenSealError:
            return False
        return session == login.session and at <= moment < at + _FRESH

    def half(self, user: str, query: str, moment: datetime) -> str:
        """Return the word that somebody has typed their password for one request, and is still to give a code."""
        return self._seals.seal([user, to_text(moment)], "half", _digest(query))

    def half_of(self, half: str, query: str, moment: datetime) -> str | None:
        """Return who has typed their password for this very request, a moment ago."""
        try:
            user, at = self._opened(self._seals.open(half, "half", _digest(query)))
        except BrokenSealError:
            return None
        return user if at <= moment < at + _FRESH else None

    def _read(self, sealed: str) -> tuple[str, datetime] | None:
        try:
            return self._opened(self._seals.open(sealed, "cookie")) if sealed else None
        except BrokenSealError:
            return None

    @staticmethod
    def _opened(held: object) -> tuple[str, datetime]:
        if not isinstance(held, list) or len(held) != 2 or not is_id(held[0]):
            raise BrokenSealError
        return held[0], from_text(held[1])


def _digest(query: str) -> str:
    return sha256(query.encode()).hexdigest()
