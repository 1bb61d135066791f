"""A log-in at a provider while it is under way: what a browser carries meanwhile; not how the provider is asked.

A cookie ties it to the browser in which it began, so that nobody finishes another's, or is made to finish their own.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from reality_engine.identities.errors import BadSignInError
from reality_engine.kernel.chance import new_token
from reality_engine.web.seals import BrokenSealError, Seals

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

LIFETIME: Final = timedelta(minutes=10)
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True)
class SignIn:
    """One log-in; `challenge` is that of whoever will come for its outcome (RFC 7636, S256)."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    challenge: str

    def back(self, **query: str) -> str:
        """Return where the browser goes in the end."""
        return f"{self.return_to}{'&' if '?' in self.return_to else '?'}{urlencode(query)}"


class SignIns:
    """Seals log-ins and opens them again."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the server's secret."""
        self._seals = Seals(secret, "sign-ins")

    def begin(self, return_to: str, challenge: str, moment: datetime) -> tuple[SignIn, str]:
        """Return a new log-in, and what the browser is to keep of it."""
        begun = SignIn(new_token(), new_token(), new_token(), return_to, challenge)
        until = int((moment + LIFETIME).timestamp())
        kept: list[Plain] = [begun.nonce, begun.verifier, return_to, challenge, until]
        return begun, self._seals.seal(kept, begun.state)

    def resume(self, state: str, kept: str | None, moment: datetime) -> SignIn:
        """Return the log-in that a browser has come back from; raises BadSignInError."""
        hint = "begin again, in one browser, and let it keep cookies"
        try:
            held = self._seals.open(kept or "", state)
        except BrokenSealError as error:
            raise BadSignInError("this log-in was not begun in this browser, or is over", hint=hint) from error
        if not isinstance(held, list) or not isinstance(held[4], int) or moment.timestamp() >= held[4]:
            raise BadSignInError("this log-in took too long", hint=hint)
        nonce, verifier, return_to, challenge = map(str, held[:4])
        return SignIn(state, nonce, verifier, return_to, challenge)


def is_state(text: str) -> bool:
    """Say whether a text may be a state of ours, and so a part of a cookie's name."""
    return _STATE.fullmatch(text) is not None
