"""Audiences as a compiled pack has them: terms of the closed vocabulary; not the keys that they resolve to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reality_engine.expressions.bindings import Path


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


@dataclass(frozen=True, slots=True)
class Seer:
    """One term of an audience, with the role's name or the path it speaks of."""

    term: Term
    role: str | None = None
    path: Path = ()


# Who may see something; the empty audience is `nobody`, seen by `sees: everything` roles alone.
Audience: TypeAlias = tuple[Seer, ...]
