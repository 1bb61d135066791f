"""Reads the history of an entity through a viewer's scope, a page at a time; not how it is asked for or shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from reality_engine.db.unit import ReadUnit
from reality_engine.history.steps import Step, steps
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.visibility.events import EventView, events_at
from reality_engine.visibility.timeline import NOW, stretches
from reality_engine.visibility.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Item:
    """Something that became of an entity, and the event that did it, where any part of that is seen."""

    step: Step
    event: EventView | None


async def history(
    unit: ReadUnit, viewer: Viewer, entity: str, limit: int, before: int = NOW, *, further: bool = False
) -> list[Item]:
    """Return the latest items below a position, the latest first; raises NotFoundError where there never was any.

    A `further` page may be empty.

    What is read goes with the page: the latest changes of each part of the entity, and further ones where some of
    these made no difference to the viewer.
    """
    items: list[Item] = []
    place, known = before, False
    while len(items) < limit and is_id(entity):
        found = await stretches(unit, viewer, entity, place, limit + 1)
        known = known or bool(found.seen)
        items += await _items(unit, viewer, entity, list(steps(found, place)))
        if found.from_ == 0:
            break
        place = found.from_
    if not known and not further:
        raise NotFoundError("there is no such entity in this world")
    return items[:limit]


async def _items(unit: ReadUnit, viewer: Viewer, entity: str, found: Sequence[Step]) -> list[Item]:
    views = {view.position: view for view in await events_at(unit, viewer, [one.position for one in found])}
    for step in found:
        _told(step, views.get(step.position), entity)
    return [Item(step, views.get(step.position)) for step in found if step.told]


def _told(step: Step, event: EventView | None, entity: str) -> None:
    """Put what an event says of its changes with what was seen to differ; where all came or went, that says enough."""
    if step.vanished:
        step.fields.clear()
    for change in event.changes if event is not None else ():
        if change["entity"] == entity:
            sides = step.fields.setdefault(str(change["field"]), {})
            sides.update((name, change[name]) for name in ("before", "after") if name in change)
