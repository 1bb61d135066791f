"""What becomes of entities where a world goes on under another pack: the same fields, in its facets; pure, no rows.

Nothing that an entity holds changes here. What its new kind has no place for is left over until an event of the upgrade
takes it away, and what it lacks comes by one; so at every position an entity is whole, under one pack.
"""

from datetime import datetime

from reality_engine.kernel.json import same
from reality_engine.packs.compiled import Kind
from reality_engine.projection.holding import FacetState, facets
from reality_engine.state.held import Held, HeldFacet


def alike(old: Kind, new: Kind) -> bool:
    """Say whether nothing can become of an entity where its kind goes from one pack to another."""
    facets = [(facet.audience, facet.fields, facet.moved) for facet in old.facets]
    return (
        facets == [(facet.audience, facet.fields, facet.moved) for facet in new.facets]
        and old.owner_facet == new.owner_facet
        and {name: (spec.value, spec.unique, spec.index) for name, spec in old.fields.items()}
        == {name: (spec.value, spec.unique, spec.index) for name, spec in new.fields.items()}
    )


def turned(kind: Kind, held: Held, position: int, moment: datetime) -> Held:
    """Return what is to be held of an entity under its kind in the new pack, from the event at `position` on.

    A facet that is what it was is the very same value. One that has another number, or is for others, but shows what
    one showed before, is not later than that one.
    """
    made = {
        number: _turned(held, number, state, position, moment) for number, state in facets(kind, held.entity).items()
    }
    settled = made.keys() == held.facets.keys() and all(held.facets[number] is one for number, one in made.items())
    return held if settled else held._replace(facets=made)


def _turned(held: Held, number: int, state: FacetState, position: int, moment: datetime) -> HeldFacet:
    was = held.facets.get(number)
    if was is not None and same({**was.fields}, state.fields):
        return was if was.keys == state.keys else was._replace(since=position, keys=state.keys)
    for other in held.facets.values():
        if state.fields and same({**other.fields}, state.fields):
            return HeldFacet(position, other.changed_at, state.keys, state.fields)
    return HeldFacet(position, moment, state.keys, state.fields)
