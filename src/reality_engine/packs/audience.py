"""Audiences as a compiled pack has them: terms of the closed vocabulary; not the keys that they resolve to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.expression import Expression


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


@dataclass(frozen=True, slots=True, eq=False)
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

    @property
    def _said(self) -> tuple[Term, str | None, Path, str | None]:
        return self.term, self.role, self.path, None if self.when is None else self.when.source


# Who may see something; the empty audience is `nobody`, seen by `sees: everything` roles alone.
Audience: TypeAlias = tuple[Seer, ...]
