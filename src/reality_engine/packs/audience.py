"""Audiences as a compiled pack has them: terms of the closed vocabulary, and the keys of those that depend on nothing.

What all others resolve to is known when something happens: see `state.audience` and `rules.context`.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, TypeAlias

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.expression import Expression

EVERYONE: Final = "everyone"
MEMBERS: Final = "members"


def role_key(role: str) -> str:
    """Return the key that members with this role hold."""
    return f"role:{role}"


class Term(StrEnum):
    """The closed vocabulary of audiences."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    ROLE = "role"
    OWNER = "owner"
    GROUP = "group"
    ACTOR = "actor"
    GROUP_OF = "group of"
    OWNER_OF = "owner of"


@dataclass(frozen=True, eq=False)
class Seer:
    """One term of an audience, with the role's name or the path it speaks of, and when it holds (None: always).

    Two are equal that say the same, which for conditions is to have the same source.
    """

    term: Term
    role: str | None = None
    path: Path = ()
    when: Expression | None = None

    def __eq__(self, other: object) -> bool:
        """Say whether the two say the same."""
        return isinstance(other, Seer) and self._said == other._said

    def __hash__(self) -> int:
        """Hash what it says."""
        return hash(self._said)

    @cached_property
    def key(self) -> str | None:
        """The key of a term that depends on nothing, or None."""
        if self.term is Term.ROLE:
            return role_key(str(self.role))
        return {Term.EVERYONE: EVERYONE, Term.MEMBERS: MEMBERS}.get(self.term)

    @property
    def _said(self) -> tuple[Term, str | None, Path, str | None]:
        return self.term, self.role, self.path, None if self.when is None else self.when.source


# Who may see something; the empty audience is `nobody`, seen by `sees: everything` roles alone.
Audience: TypeAlias = tuple[Seer, ...]


def fixed_keys(audience: Audience) -> frozenset[str] | None:
    """Return the keys of an audience that depends on nothing, or None."""
    keys = [seer.key for seer in audience if seer.key and seer.when is None]
    return frozenset(keys) if len(keys) == len(audience) else None
