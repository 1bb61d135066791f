"""What an invite is carried by: a text that only this server can make or read; nothing of it is stored."""

import hmac
from dataclasses import dataclass
from typing import Final

from reality_engine.invites.errors import InviteOverError
from reality_engine.kernel.ids import is_id
from reality_engine.web.keys import derive
from reality_engine.web.seals import BrokenSealError, Seals

# The world and the invite.
_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class InviteLinks:
    """Makes tokens of invites, and opens them. Stands at `app.state.invites`."""

    seals: Seals
    key: bytes

    @classmethod
    def build(cls, secret: bytes) -> "InviteLinks":
        """Derive the keys from the server's secret."""
        return cls(Seals(secret, "invites to worlds"), derive(secret, "addresses of invites"))

    def token(self, world: str, invite: str) -> str:
        """Return a token of an invite; each is another text, and all are good as long as the invite is."""
        return self.seals.seal([world, invite])

    def digest(self, world: str, email: str) -> str:
        """Return what stands for an address in the log of a world; nobody finds the address by trying."""
        return hmac.digest(self.key, f"{world} {email}".encode(), "sha256").hex()

    def open(self, token: str) -> tuple[str, str]:
        """Return the world and the invite that a token is of; raises InviteOverError."""
        try:
            opened = self.seals.open(token)
        except BrokenSealError as error:
            raise no_invite() from error
        found = [str(one) for one in opened] if isinstance(opened, list) else []
        if len(found) != _PARTS or not all(map(is_id, found)):
            raise no_invite()
        return found[0], found[1]


def no_invite() -> InviteOverError:
    """Return what is told of every invite that lets nobody in."""
    return InviteOverError("there is no such invite (any more)", field="token", hint="ask for another one")
