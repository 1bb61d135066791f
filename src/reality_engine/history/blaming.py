"""Finds the event that gave each field of an entity the value that a viewer sees; not how that is shown."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from reality_engine.db.unit import ReadUnit
from reality_engine.history.steps import steps
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.reads.explained_events import EventExplained, Explaining
from reality_engine.visibility.events import events_at
from reality_engine.visibility.timeline import NOW, Stretches, stretches
from reality_engine.visibility.viewer import Viewer

# So many changes of a part of an entity are read at once, and so often: who looks further reads its history.
AT_ONCE: Final = 50
ROUNDS: Final = 100


@dataclass
class Blame:
    """A field, its value, and the event that gave it that, where any part of it is seen.

    With `appeared` the value had been there before, or nobody can say, and came into sight then. Without `found`, it is
    older than what was looked through.
    """

    field: str
    value: Plain
    found: bool = False
    appeared: bool = False
    explained: EventExplained | None = None


async def held_at(unit: ReadUnit, viewer: Viewer, entity: str, before: int = NOW) -> Stretches:
    """Return what is seen of an entity at a moment; raises NotFoundError where nothing is."""
    found = await stretches(unit, viewer, entity, before, 1) if is_id(entity) else Stretches((), 0)
    held = [one for one in found.seen if one.since < before <= one.until]
    if not held:
        raise NotFoundError("there is no such entity in this world")
    return Stretches(held, found.from_)


async def blame(
    explaining: Explaining, entity: str, names: Collection[str] | None = None, before: int = NOW
) -> list[Blame]:
    """Return for each visible field, or each of these, what gave it its value; raises NotFoundError."""
    unit, viewer = explaining.unit, explaining.viewer
    held = await held_at(unit, viewer, entity, before)
    values = {name: value for one in held.seen for name, value in one.fields.items()}
    blamed = {name: Blame(name, value) for name, value in sorted(values.items()) if names is None or name in names}
    places: dict[int, list[Blame]] = {}
    place = before
    for _ in range(ROUNDS):
        found = await stretches(unit, viewer, entity, place, AT_ONCE)
        for step in steps(found, place):
            for name in [name for name, one in blamed.items() if not one.found and name in step.fields]:
                blamed[name].found, blamed[name].appeared = True, "before" not in step.fields[name]
                places.setdefault(step.position, []).append(blamed[name])
        if found.from_ == 0 or all(one.found for one in blamed.values()):
            break
        place = found.from_
    await _explain(explaining, entity, places)
    return list(blamed.values())


async def _explain(explaining: Explaining, entity: str, places: dict[int, list[Blame]]) -> None:
    for view in await events_at(explaining.unit, explaining.viewer, sorted(places)):
        told = await explaining.made_by(view)
        given = {str(one["field"]) for one in view.changes if one["entity"] == entity and "after" in one}
        for one in places[view.position]:
            one.explained = told
            one.appeared = one.appeared and one.field not in given
