"""Reads session tokens of Clerk as credentials; not what Clerk tells by itself, see `clerk_news`."""

import re
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jwt.utils import base64url_decode

from reality_engine.accounts.user import User
from reality_engine.db.unit import Units
from reality_engine.identities import service
from reality_engine.identities.errors import ForeignTokenError
from reality_engine.identities.identity import Kind, Proven, proven_by
from reality_engine.identities.settings import ClerkSettings
from reality_engine.identities.signed_tokens import MAX_LENGTH, Claims, SignedTokens, require_time
from reality_engine.identities.standing import IdentityStandings
from reality_engine.kernel.json import decode
from reality_engine.kernel.principal import Principal

ROOM: Final = 10_000
# Longer than our own tokens are; what is longer than this is not worth the room.
SHORT: Final = 1_000
# What a session is called among the credentials of this server, which calls its own by ids.
CREDENTIAL: Final = "clerk:"
_SESSION: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class ClerkSession:
    """What a verified session token says."""

    proven: Proven
    session: str
    claims: Claims


class ClerkTokens:
    """A reader of credentials; whoever is seen for the first time gets an account, where the settings want that."""

    def __init__(
        self, settings: ClerkSettings, tokens: SignedTokens, standings: IdentityStandings, *, make: bool
    ) -> None:
        """Read the tokens of one instance."""
        self._settings = settings
        self._tokens = tokens
        self._standings = standings
        self._make = make
        self._read: dict[str, ClerkSession] = {}
        # Tokens of other kinds, which come again and again: to look into each takes longer than to read our own.
        self._others: dict[str, None] = {}

    def reads(self, token: str) -> bool:
        """Say whether a token names this instance as its issuer; nothing of it is verified yet."""
        if token in self._read:
            return True
        if token in self._others:
            return False
        ours = bool(_issuer_of(token) == self._settings.issuer)
        if not ours and len(token) <= SHORT:
            self._others[token] = None
            _bound(self._others)
        return ours

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose token it is; raises UnauthenticatedError, IssuerUnavailableError, and what making one does."""
        found = await self.session_of(token, moment)
        user = await self._standings.user_of(units, found.proven.subject, moment)
        if user is None:
            user = await self._account(units, found.proven, moment)
        return user.principal(f"{CREDENTIAL}{found.session}")

    async def session_of(self, token: str, moment: datetime) -> ClerkSession:
        """Return what a token says; raises ForeignTokenError, TokenExpiredError and IssuerUnavailableError."""
        held = self._read.get(token)
        if held is not None:
            require_time(held.claims, moment)
            return held
        found = self._checked(await self._tokens.claims(token, moment))
        self._read[token] = found
        _bound(self._read)
        return found

    def _checked(self, claims: Claims) -> ClerkSession:
        session, party = claims.get("sid"), claims.get("azp")
        # Without a session it is a token of another use, signed with the same key.
        if not isinstance(session, str) or not _SESSION.fullmatch(session):
            raise ForeignTokenError("this is no session token")
        if self._settings.parties and str(party) not in self._settings.parties:
            raise ForeignTokenError("the token was given to a page that is not known here")
        if claims.get("sts", "active") != "active":
            raise ForeignTokenError("the session has not begun yet", hint="finish logging in")
        try:
            return ClerkSession(proven_by(Kind.CLERK, self._settings.issuer, claims), session, claims)
        except ValueError as error:
            raise ForeignTokenError("the token names nobody") from error

    async def _account(self, units: Units, proven: Proven, moment: datetime) -> User:
        # Who is refused is refused without a transaction that writes: they may come again and again.
        async with units.read() as unit:
            known = await service.known_as(unit, proven, make=self._make)
        if known is not None:
            return known
        async with units.write() as unit:
            user = await service.account_of(unit, proven, moment, make=self._make)
            await unit.commit()
        return user


def _bound(held: dict[str, Any]) -> None:
    """Forget what came first where there is more than room."""
    if len(held) > ROOM:
        del held[next(iter(held))]


def _issuer_of(token: str) -> Any:
    parts = token.split(".") if len(token) <= MAX_LENGTH else []
    if len(parts) != 3:
        return None
    try:
        claims = decode(base64url_decode(parts[1]))
    except (Base64Error, ValueError, UnicodeError):
        return None
    return claims.get("iss") if isinstance(claims, dict) else None
