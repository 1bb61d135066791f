"""An application that people may log in to with their account here; not its row."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from reality_engine.kernel.chance import new_token
from reality_engine.openid import redirects
from reality_engine.openid.scopes import Scope


@dataclass(frozen=True, slots=True)
class Client:
    """An application as its administrator registered it.

    One without a secret is public: it runs where a secret could be read, in a browser or on people's devices. A trusted
    one is the operator's own, so that people are not asked whether they trust it.
    """

    id: str
    name: str
    redirects: tuple[str, ...]
    after_log_out: tuple[str, ...]
    scopes: tuple[Scope, ...]
    trusted: bool
    secret_digest: bytes | None
    created_at: datetime

    @property
    def public(self) -> bool:
        """Whether it has no secret."""
        return self.secret_digest is None

    def allows(self, address: str) -> bool:
        """Say whether people may be sent to an address with an answer for this application."""
        return any(redirects.fits(address, registered, public=self.public) for registered in self.redirects)

    def is_proved_by(self, secret: str) -> bool:
        """Say whether a secret is this application's; no secret proves a public one."""
        held = self.secret_digest
        return held is not None and hmac.compare_digest(held, digest_of(secret))


def new_secret() -> str:
    """Return a fresh secret of 256 bits, which an application is shown once."""
    return new_token()


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret or a code. Both are random already, so a plain SHA-256 is enough."""
    return hashlib.sha256(secret.encode()).digest()
