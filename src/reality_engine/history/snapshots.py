"""What a viewer sees of an entity as of a position, with the keys that they hold today; not how it came about."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reality_engine.db.unit import ReadUnit
from reality_engine.history.steps import Sides
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.entity import LIFE, OWNER, Life
from reality_engine.visibility.timeline import Stretch, stretches, whole_at
from reality_engine.visibility.viewer import Viewer


class Snapshot(NamedTuple):
    """An entity at a moment: its kind, and the visible values by field, the owner and a deletion among them."""

    kind: str
    values: Mapping[str, Plain]


async def snapshot(
    unit: ReadUnit, viewer: Viewer, entity: str, position: int, facets: Sequence[int] | None = None
) -> Snapshot | None:
    """Return what is seen of an entity as it was after the event at a position, None where nothing is."""
    found = await stretches(unit, viewer, entity, position + 1, 1, facets)
    return await snapshot_of(unit, viewer, entity, position, found.seen)


async def snapshot_of(
    unit: ReadUnit, viewer: Viewer, entity: str, position: int, seen: Sequence[Stretch]
) -> Snapshot | None:
    """Return the same, for who has looked at the stretches by then already."""
    held = [one for one in seen if one.since <= position < one.until]
    whole = await whole_at(unit, viewer, entity, position) if held else None
    if whole is None:
        return None
    values: dict[str, Plain] = {name: value for one in held for name, value in one.fields.items()}
    if _owner_facet(viewer.pack, whole.kind) in {one.facet for one in held} and whole.owner is not None:
        values[OWNER] = whole.owner
    if whole.life != str(Life.LIVE):
        values[LIFE] = whole.life
    return Snapshot(whole.kind, values)


def differing(before: Snapshot | None, after: Snapshot | None) -> dict[str, Sides]:
    """Return the fields that differ; a side on which there is no value, or none that is seen, is left out."""
    old: Mapping[str, Plain] = {} if before is None else before.values
    new: Mapping[str, Plain] = {} if after is None else after.values
    found: dict[str, Sides] = {}
    for name in sorted(old.keys() | new.keys()):
        if not same(old.get(name), new.get(name)):
            sides = (("before", old), ("after", new))
            found[name] = {side: values[name] for side, values in sides if name in values}
    return found


def _owner_facet(pack: CompiledPack, kind: str) -> int:
    return pack.kinds[kind].owner_facet if kind in pack.kinds else 0
