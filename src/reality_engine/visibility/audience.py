"""Whether a scope sees an audience, decided in memory; pure, and held to agree with the SQL by property tests."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The audience keys that one principal holds in one world now. `everything` sees without any key.

    `member` says whether the principal is a member, and `user` who it is ("" for the anonymous).
    """

    keys: frozenset[str]
    everything: bool = False
    member: bool = False
    admin: bool = False
    user: str = ""
    roles: tuple[str, ...] = ()


def sees(scope: Scope, keys: AbstractSet[str]) -> bool:
    """Say whether a holder of this scope may see what has these audience keys."""
    return scope.everything or not scope.keys.isdisjoint(keys)
