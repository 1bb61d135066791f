"""An identity as the rest of the product knows one: what somebody is to a provider; neither row nor account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from reality_engine.accounts.email import normal_email

MAX_SUBJECT: Final = 255
MAX_NAME: Final = 80
NAMELESS: Final = "Somebody"
_NAMES: Final = ("name", "preferred_username", "nickname", "given_name")


class Kind(StrEnum):
    """How a provider tells whom it knows; the values are stored."""

    CLERK = "clerk"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a provider has just said of somebody. `email` is there only where the provider has verified it."""

    kind: Kind
    issuer: str
    subject: str
    name: str = NAMELESS
    email: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A link between what somebody is to a provider and their account here."""

    id: str
    kind: Kind
    issuer: str
    subject: str
    user_id: str
    linked_at: datetime


def proven_by(kind: Kind, issuer: str, claims: Mapping[str, Any]) -> Proven:
    """Return what the claims of a verified token say; raises ValueError where they name nobody."""
    named = next((text for name in _NAMES if (text := plain_name(claims.get(name)))), NAMELESS)
    email = verified_email(claims.get("email"), verified=claims.get("email_verified") is True)
    return Proven(kind, issuer, plain_subject(claims.get("sub")), named, email)


def plain_subject(given: object) -> str:
    """Return a subject that can be stored and compared; raises ValueError."""
    if not isinstance(given, str) or not 0 < len(given) <= MAX_SUBJECT or not given.isprintable():
        raise ValueError("the provider names nobody")
    return given


def plain_name(given: object) -> str:
    """Return a name that may stand in log lines and narratives, "" where there is none."""
    if not isinstance(given, str):
        return ""
    return "".join(letter for letter in given if letter.isprintable()).strip()[:MAX_NAME].strip()


def verified_email(given: object, *, verified: bool) -> str:
    """Return an address in its one form, "" where there is none or nobody has verified it."""
    if not verified or not isinstance(given, str):
        return ""
    try:
        return normal_email(given)
    except ValueError:
        return ""
