"""Which rules were asked about a request, each with its answer and what it could read; values, not the asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reality_engine.expressions.expression import Expression
from reality_engine.kernel.json import Plain
from reality_engine.packs.place import Place


class Rule(StrEnum):
    """What may be asked; part of the HTTP API."""

    MEMBERS_ONLY = "members_only"
    INPUT = "input"
    ACTOR = "actor"
    TARGET = "target"
    ALLOW = "allow"
    REQUIRE = "require"
    APPROVAL = "approval"
    WHEN = "when"
    EFFECTS = "effects"
    INVARIANT = "invariant"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that was asked, and where it stands in its pack.

    `variables` is what its condition could read, entities as their ids; there are none where the state that it read
    never came to be.
    """

    rule: Rule
    place: Place | None
    holds: bool
    condition: Expression | None = None
    variables: Mapping[str, Plain] = field(default_factory=dict)


def ending_in_no(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return what was asked before a refusal: where no rule said no by itself, the last one is where it ended."""
    if not asked or not all(one.holds for one in asked):
        return tuple(asked)
    return (*asked[:-1], replace(asked[-1], holds=False))
