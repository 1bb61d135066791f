"""What the rows of an entity are to hold after an event: its facets, who sees each, since when; pure, and no rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from reality_engine.eventlog.event import Event
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import Kind
from reality_engine.packs.left_over import LEFT_OVER
from reality_engine.state.audience import facet_keys, facets_of
from reality_engine.state.entity import ATTRIBUTES, Entity
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
        if number != LEFT_OVER
        else FacetState({name: value for name, value in held.items() if name not in kind.fields}, _NOBODY)
        for number in facets_of(kind, entity)
    }


def held_after(
    kind: Kind, before: Held | None, after: Entity, position: int, moment: datetime,
    names: Iterable[str] = ATTRIBUTES,
) -> Held:  # fmt: skip
    """Return what is to be held of an entity after the event at `position`, given what was (None: nothing).

    `names` are the fields that it changed; unless they are told, anything may have changed.
    A facet that nothing happened to is the very same value. One that shows what it showed before, only to others, is
    not later than it was: to who saw it all along, that must not look like a change. A field that is named changed,
    even where both its values were erased since: erasing moves no other row.
    """
    if before is None:
        made = {
            number: HeldFacet(position, moment, keys, fields) for number, (fields, keys) in facets(kind, after).items()
        }
        return Held(after, position, made)
    if not any(name in ATTRIBUTES or name not in kind.fields for name in names):
        return Held(after, before.since, _with_fields(kind, before, after, position, moment, names))
    kept: dict[int, HeldFacet] = {}
    named = _named(kind, names)
    renamed = before.entity.kind != after.kind
    for number, state in facets(kind, after).items():
        was = before.facets.get(number)
        if was is not None and number not in named and _shows_the_same(kind, number, before, after, state):
            moved = renamed or was.keys != state.keys
            kept[number] = was._replace(since=position, keys=state.keys) if moved else was
        else:
            kept[number] = HeldFacet(position, moment, state.keys, state.fields)
    return Held(after, before.since if _is_the_same(before.entity, after) else position, kept)


def changed_names(event: Event) -> dict[str, set[str]]:
    """Return the fields that an event changed, by entity."""
    names: dict[str, set[str]] = {}
    for recorded in event.changes:
        names.setdefault(recorded.change.entity, set()).add(recorded.change.field)
    return names


def _with_fields(
    kind: Kind, before: Held, after: Entity, position: int, moment: datetime, names: Iterable[str]
) -> dict[int, HeldFacet]:
    """Return the facets after a change of these fields alone: the owner, the life and the notes are what they were.

    Only those with one of the fields can be others, and those whose audience reads fields.
    """
    held, kept = after.fields, dict(before.facets)
    named = _named(kind, names)
    for number in named.union(kind.unsettled):
        facet, was = kind.facets[number], kept.get(number)
        fields = {name: held[name] for name in facet.fields if name in held}
        if not fields and number != 0 and not (after.owner and number == kind.owner_facet):
            kept.pop(number, None)
            continue
        if was is not None and not facet.reads_fields:
            keys = was.keys
        else:
            keys = facet_keys(kind, number, after) if after.live else _NOBODY
        if was is None or number in named:
            kept[number] = HeldFacet(position, moment, keys, fields)
        elif keys != was.keys:
            kept[number] = was._replace(since=position, keys=keys)
    return kept


def _named(kind: Kind, names: Iterable[str]) -> set[int]:
    """Return the facets that hold fields of these names."""
    known = kind.fields
    return {known[name].facet if name in known else LEFT_OVER for name in names if name not in ATTRIBUTES}


def _is_the_same(before: Entity, after: Entity) -> bool:
    """Say whether an entity is what it was, apart from its fields: what its own row says."""
    same_kind = before.kind == after.kind
    return same_kind and before.life is after.life and before.owner == after.owner and before.audience == after.audience


def _shows_the_same(kind: Kind, number: int, before: Held, after: Entity, state: FacetState) -> bool:
    """Say whether a facet shows what it did: the same fields, and what some show beside, the owner and the life."""
    old = before.entity
    # As JSON: in a field of that type, `true` may have come in place of 1.
    if not same({**before.facets[number].fields}, state.fields):
        return False
    if number == kind.owner_facet and old.owner != after.owner:
        return False
    return number != 0 or old.life is after.life
