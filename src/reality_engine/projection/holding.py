"""What the rows of an entity are to hold after an event: its facets, who sees each, since when; pure, and no rows."""

from datetime import datetime
from typing import Final, NamedTuple

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Kind
from reality_engine.state.audience import facet_keys, facets_of
from reality_engine.state.entity import Entity
from reality_engine.state.held import Held, HeldFacet

_NOBODY: Final[frozenset[str]] = frozenset()


class FacetState(NamedTuple):
    """One facet of an entity: its fields, and the keys of those who may see it."""

    fields: dict[str, Plain]
    keys: frozenset[str]


def facets(kind: Kind, entity: Entity) -> dict[int, FacetState]:
    """Return the facets that an entity has, by number; those of a deleted one have no keys, and nobody's open them."""
    live, held = entity.live, entity.fields
    return {
        number: FacetState(
            {name: held[name] for name in kind.facets[number].fields if name in held},
            facet_keys(kind, number, entity) if live else _NOBODY,
        )
        for number in facets_of(kind, entity)
    }


def held_after(kind: Kind, before: Held | None, after: Entity, position: int, moment: datetime) -> Held:
    """Return what is to be held of an entity after the event at `position`, given what was (None: nothing).

    A facet that nothing happened to is the very same value. One that shows what it showed before, only to others, is
    not later than it was: to who saw it all along, that must not look like a change.
    """
    now = facets(kind, after)
    if before is None:
        made = {number: HeldFacet(position, moment, keys, fields) for number, (fields, keys) in now.items()}
        return Held(after, position, made)
    old, kept = before.entity, {}
    for number, (fields, keys) in now.items():
        was = before.facets.get(number)
        if was is None or was.fields != fields or _attributes(kind, number, old) != _attributes(kind, number, after):
            kept[number] = HeldFacet(position, moment, keys, fields)
        else:
            kept[number] = was if was.keys == keys else HeldFacet(position, was.changed_at, keys, fields)
    return Held(after, position, kept)


def _attributes(kind: Kind, facet: int, entity: Entity) -> tuple[Plain, Plain]:
    """Return what a facet shows beside fields."""
    return entity.owner if facet == kind.owner_facet else None, entity.life if facet == 0 else None
