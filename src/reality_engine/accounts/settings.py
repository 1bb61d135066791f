"""What an operator may choose about accounts; built from the environment by `app.settings`, not read here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from reality_engine.signing.algorithms import Algorithm


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Lifetimes, hashing, who may register, and whether by a verified address alone.

    A deleted or logged-out user's access token stops within a second everywhere; its lifetime only bounds what a
    stolen one is worth before the next refresh.
    """

    access_lifetime: timedelta = timedelta(minutes=15)
    refresh_lifetime: timedelta = timedelta(days=30)
    hasher: Literal["bcrypt", "argon2id"] = "bcrypt"
    bcrypt_rounds: int = 12
    registration: Literal["open", "invite", "closed"] = "open"
    verify_email: bool = False
    passwords: bool = True
    algorithm: Algorithm = Algorithm.HS256
    issuer: str = "reality-engine"
