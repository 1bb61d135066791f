"""Who sees what in a pack, and what its rules disclose, to be looked through by a person; it judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.compiled import CORE_KINDS
from reality_engine.packs.flow.circles import NOBODY, Circles, shown
from reality_engine.packs.flow.moves import moves_of
from reality_engine.packs.flow.rules import every

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.packs.compiled import CompiledPack, Kind
    from reality_engine.packs.flow.disclosures import Disclosure
    from reality_engine.packs.flow.names import Moves

EVERYONE: Final = "everyone"
MEMBERS: Final = "members"
OWNER: Final = "owner"
GROUP: Final = "group"


class Sees(StrEnum):
    """Whether somebody sees something."""

    YES = "yes"
    IF = "if"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Sight:
    """Something to be seen of the entities of a kind: a field, `owner`, or by "" that they are there."""

    kind: str
    name: str
    audience: Audience
    revealed: Audience = ()
    concealed: bool = False

    @property
    def dotted(self) -> str:
        """How authors call it."""
        return f"{self.kind}.{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Audit:
    """A compiled pack and what its rules disclose."""

    pack: "CompiledPack"
    disclosures: "tuple[Disclosure, ...]"

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of whom the matrix says what they see."""
        return (EVERYONE, MEMBERS, *self.pack.roles, OWNER, GROUP)

    def sights(self) -> Iterator[Sight]:
        """Yield all that there is to be seen, by kind, the pack's own kinds first."""
        effects = [action.effects for action in self.pack.actions.values()]
        effects += [reaction.effects for reaction in self.pack.reactions]
        moves = moves_of(each for some in effects for each in every(some))
        core = [self.pack.kinds[name] for name in CORE_KINDS]
        for kind in (*(each for each in self.pack.kinds.values() if each not in core), *core):
            yield Sight(kind.name, "", kind.facets[0].audience)
            if kind.owned:
                yield Sight(kind.name, OWNER, kind.facets[kind.owner_facet].audience)
            yield from _fields(kind, moves)

    def sees(self, column: str, sight: Sight) -> Sees | None:
        """Say whether those of a column see something; None where there are none.

        `if` is under a condition, or where it has been revealed, or unless it is concealed.
        """
        kind = self.pack.kinds[sight.kind]
        if (column == OWNER and not kind.owned) or (column == GROUP and kind.group is None):
            return None
        role = self.pack.roles.get(column)
        if role is not None and role.sees_everything:
            return Sees.YES
        meant = [seer for seer in sight.audience if _means(seer, column)]
        if any(seer.when is None for seer in meant) and not sight.concealed:
            return Sees.YES
        later = [seer for seer in sight.revealed if _means(seer, column)]
        return Sees.IF if meant or later else Sees.NO

    def besides(self, sight: Sight) -> list[str]:
        """Return what the columns cannot say: other circles, conditions, and what effects move."""
        others = [_spelled(seer) for seer in sight.audience if seer.when is not None or seer.path]
        revealed = [f"revealed to {_spelled(seer)}" for seer in sight.revealed]
        return [*others, *revealed, *(["may be concealed"] if sight.concealed else [])]

    def as_json(self) -> "dict[str, Plain]":
        """Return it for programs."""
        return {
            "pack": self.pack.name,
            "version": self.pack.version,
            "sights": [self._sight(sight) for sight in self.sights()],
            "disclosures": [_disclosure(each) for each in self.disclosures],
        }

    def _sight(self, sight: Sight) -> "Plain":
        cells = ((column, self.sees(column, sight)) for column in self.columns)
        seen: dict[str, Plain] = {column: cell and str(cell) for column, cell in cells}
        besides: list[Plain] = [*self.besides(sight)]
        return {"kind": sight.kind, "name": sight.name or None, "seen_by": seen, "besides": besides}


def told(disclosure: "Disclosure") -> str:
    """Say who learns of what is disclosed, and by what."""
    circles: Circles = NOBODY.union(*(flow.told for flow in disclosure.flows))
    ways = dict.fromkeys(f"{flow.outcome.what} (line {flow.outcome.place.line})" for flow in disclosure.flows)
    return f"{disclosure.rule} discloses {disclosure.path} to {shown(circles)}: {', '.join(ways)}"


def _fields(kind: "Kind", moves: "Moves") -> Iterator[Sight]:
    for name, field in kind.fields.items():
        key = kind.name, name
        revealed = tuple(dict.fromkeys(moves.revealed.get(key, ())))
        yield Sight(kind.name, name, kind.facets[field.facet].audience, revealed, key in moves.concealed)


def _means(seer: Seer, column: str) -> bool:
    """Say whether a term of an audience means all of a column."""
    if seer.term is Term.EVERYONE or seer.term == column or (seer.role is not None and seer.role == column):
        return True
    return seer.term is Term.MEMBERS and column != EVERYONE


def _spelled(seer: Seer) -> str:
    words = seer.role or " ".join((seer.term, ".".join(seer.path))).strip()
    return f"{words} if {seer.when.source}" if seer.when is not None else words


def _disclosure(each: "Disclosure") -> "Plain":
    place = each.place
    flows: list[Plain] = [
        {"what": flow.outcome.what, "line": flow.outcome.place.line, "to": shown(flow.told)} for flow in each.flows
    ]
    return {
        "rule": each.rule, "path": each.path, "file": place.file, "line": place.line, "column": place.column,
        "flows": flows,
    }  # fmt: skip
