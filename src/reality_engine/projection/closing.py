"""Which past states an upgrade closes: those of what fewer people see than before; pure, as the event of it records.

The event has it by kinds as they were called: the kind that it is now, its fields with all the names that they had in
this world, and facets by their numbers before, with those after. A past state that holds such a field, or is of such a
facet, is from then on only for those who may see it now as well. One that holds a field by a name that is sealed is for
nobody but roles that see everything: what a rule may conceal by another name, it could not take out of there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reality_engine.eventlog.event import Event
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import EVERYONE, MEMBERS
from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.state.audience import facet_keys
from reality_engine.state.entity import Entity

CLOSES: Final = "closes"
_Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """What is closed of entities of one kind, which is called `kind` now: fields by name, and facets by number."""

    kind: str
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: Mapping[int, int] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()

    def names(self) -> frozenset[str]:
        """Return all names of its fields."""
        return frozenset((*self.sealed, *(name for names in self.fields.values() for name in names)))

    def to_json(self) -> dict[str, Plain]:
        """Return it as it is recorded."""
        return {
            "kind": self.kind,
            "fields": {name: [*names] for name, names in self.fields.items()},
            "facets": {str(old): new for old, new in self.facets.items()},
            "sealed": [*self.sealed],
        }

    def keys(self, kind: Kind, entity: Entity) -> "Allowed":
        """Return who may see its past from now on."""
        live = entity.live
        by_facet = {number: facet_keys(kind, number, entity) if live else _Keys() for number in self._numbers(kind)}
        fields = {name: by_facet[kind.fields[new].facet] for new, names in self.fields.items() for name in names}
        fields |= dict.fromkeys(self.sealed, _Keys())
        return Allowed(fields, {old: by_facet[new] for old, new in self.facets.items()})

    def _numbers(self, kind: Kind) -> set[int]:
        return {kind.fields[name].facet for name in self.fields} | {*self.facets.values()}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may see past states that hold a field of a name, and who those of a facet of a number."""

    fields: Mapping[str, _Keys]
    facets: Mapping[int, _Keys]

    def narrowed(self, facet: int, names: Iterable[str], keys: Iterable[str]) -> _Keys:
        """Return who may still see a past state."""
        left = frozenset(keys)
        for one in self._of(facet, names):
            left = both(left, one)
        return left

    def _of(self, facet: int, names: Iterable[str]) -> Iterator[_Keys]:
        yield from (self.fields[name] for name in names if name in self.fields)
        if facet in self.facets:
            yield self.facets[facet]


def closings(event: Event) -> dict[str, Closing]:
    """Return what an event of an upgrade closes, by what kinds were called before it."""
    told: Any = event.input.get(CLOSES)
    if not isinstance(told, dict):
        return {}
    return {
        kind: Closing(
            one["kind"], {name: tuple(names) for name, names in one["fields"].items()},
            {int(old): new for old, new in one["facets"].items()}, tuple(one["sealed"]),
        )
        for kind, one in told.items()
    }  # fmt: skip


def closing_of(event: Event, pack: CompiledPack, entity: Entity) -> Allowed | None:
    """Return who may see the past of an entity after an event of an upgrade to a pack; None where nothing changes."""
    closing = closings(event).get(entity.kind)
    return None if closing is None else closing.keys(pack.kinds[closing.kind], entity)


def both(some: _Keys, others: _Keys) -> _Keys:
    """Return the keys of those who hold one of each: everyone and members hold all that is narrower."""
    return frozenset([key for key in some if _implied(key, others)]) | {key for key in others if _implied(key, some)}


def _implied(key: str, keys: _Keys) -> bool:
    """Say whether whoever holds a key is among those that hold one of these."""
    return key in keys or EVERYONE in keys or (key != EVERYONE and MEMBERS in keys)
