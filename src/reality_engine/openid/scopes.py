"""What applications can ask people for, and what each of it lets them do; not who was granted what."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """A word of the `scope` parameter, in the order in which people are told of them."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    WORLDS = "worlds"
    OFFLINE_ACCESS = "offline_access"


# As people read it, after "<application> will be able to".
MEANINGS: Final[Mapping[Scope, str]] = {
    Scope.OPENID: "know that it is you",
    Scope.PROFILE: "see your name",
    Scope.EMAIL: "see your e-mail address",
    Scope.WORLDS: "see your worlds and act in them as you",
    Scope.OFFLINE_ACCESS: "do so also while you are away, until you end it",
}
# What an application may ask for unless more was said when it was added: to know who somebody is.
USUAL: Final = (Scope.OPENID, Scope.PROFILE, Scope.EMAIL)


def scopes_in(words: Iterable[str]) -> tuple[Scope, ...]:
    """Return those of the words that mean something here, in their order; others are ignored (OpenID Core, 3.1.2.1)."""
    named = set(words)
    return tuple(scope for scope in Scope if scope.value in named)


def as_text(scopes: Iterable[Scope]) -> str:
    """Write scopes as a parameter has them."""
    return " ".join(scope.value for scope in scopes)
