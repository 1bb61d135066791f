"""What one event makes different in the tables of state: pure values, compared before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Kind
from reality_engine.projection.indexed_values import IndexedValue, indexed_values
from reality_engine.state.audience import facet_keys, facets_of
from reality_engine.state.entity import Entity, unique_key

Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class FacetState:
    """One facet of an entity: its fields, and the keys of those who may see it."""

    fields: dict[str, Plain]
    keys: tuple[str, ...]


@dataclass
class Differences:
    """Rows to write for one entity after one event. Audience, ref and unique rows exist for live entities alone.

    Of the facets that changed, `rekeyed` show what they showed before, only to others: to who saw them all along, that
    must not look like a change.
    """

    changed: list[tuple[int, FacetState]] = field(default_factory=list)
    rekeyed: set[int] = field(default_factory=set)
    closed: list[int] = field(default_factory=list)
    gained_keys: set[tuple[int, str]] = field(default_factory=set)
    lost_keys: set[tuple[int, str]] = field(default_factory=set)
    gained_refs: set[tuple[str, str]] = field(default_factory=set)
    lost_refs: set[tuple[str, str]] = field(default_factory=set)
    gained_uniques: set[tuple[str, str]] = field(default_factory=set)
    lost_uniques: set[tuple[str, str]] = field(default_factory=set)
    gained_values: set[IndexedValue] = field(default_factory=set)
    lost_values: set[IndexedValue] = field(default_factory=set)


def differences(kind: Kind, before: Entity | None, after: Entity) -> Differences:
    """Compare an entity before (None: it did not exist) and after an event."""
    old, new = facets(kind, before), facets(kind, after)
    told = Differences()
    for number in sorted(old | new):
        same = before is not None and _attributes(kind, number, before) == _attributes(kind, number, after)
        if old.get(number) != new.get(number) or not same:
            if number in old:
                told.closed.append(number)
            if number in new:
                told.changed.append((number, new[number]))
            if same and number in old and number in new and old[number].fields == new[number].fields:
                told.rekeyed.add(number)
    told.gained_keys, told.lost_keys = _split(_keys(before, old), _keys(after, new))
    told.gained_refs, told.lost_refs = _split(set(refs(kind, before)), set(refs(kind, after)))
    told.gained_uniques, told.lost_uniques = _split(set(uniques(kind, before)), set(uniques(kind, after)))
    told.gained_values, told.lost_values = _split(values(kind, before, old), values(kind, after, new))
    return told


def facets(kind: Kind, entity: Entity | None) -> dict[int, FacetState]:
    """Return the facets that an entity has, by number; those of a deleted one have no keys, and nobody's open them."""
    found: dict[int, FacetState] = {}
    if entity is None:
        return found
    for number in facets_of(kind, entity):
        fields = {name: entity.fields[name] for name in kind.facets[number].fields if name in entity.fields}
        keys = facet_keys(kind, number, entity) if entity.live else frozenset()
        found[number] = FacetState(fields, tuple(sorted(keys)))
    return found


def refs(kind: Kind, entity: Entity | None) -> Iterator[tuple[str, str]]:
    """Yield (path, target) for each ref of a live entity."""
    for name, spec in kind.fields.items() if entity is not None and entity.live else ():
        held = entity.get(name) if entity is not None else None
        if spec.value.base == "ref" and isinstance(held, str):
            yield f"{kind.name}.{name}", held


def uniques(kind: Kind, entity: Entity | None) -> Iterator[tuple[str, str]]:
    """Yield (field, value) for each unique field of a live entity that has a value."""
    for name, spec in kind.fields.items() if entity is not None and entity.live else ():
        held = entity.get(name) if entity is not None else None
        if spec.unique and held is not None:
            yield name, unique_key(held)


def values(kind: Kind, entity: Entity | None, held: Mapping[int, FacetState]) -> set[IndexedValue]:
    """Return the values of a live entity's indexed fields, which has these facets, once for each key that sees them."""
    if entity is None or not entity.live:
        return set()
    return set(indexed_values(kind, entity, {number: facet.keys for number, facet in held.items()}))


def _attributes(kind: Kind, facet: int, entity: Entity) -> tuple[Plain, Plain]:
    """Return what a facet shows beside fields."""
    return entity.owner if facet == kind.owner_facet else None, entity.life if facet == 0 else None


def _keys(entity: Entity | None, held: dict[int, FacetState]) -> set[tuple[int, str]]:
    if entity is None or not entity.live:
        return set()
    return {(number, key) for number, facet in held.items() for key in facet.keys}


def _split(old: set[Each], new: set[Each]) -> tuple[set[Each], set[Each]]:
    return new - old, old - new
