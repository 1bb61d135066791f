"""Which later events stand in the way of an undo, as far as its principal sees them; not whether any does."""

from collections.abc import Iterable
from typing import Final

from reality_engine.actions.outlook import Outlook
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain
from reality_engine.reads.shown import shown_events
from reality_engine.rules.undoable import Undoing
from reality_engine.visibility.events import EventView, events_at
from reality_engine.visibility.parts import shown
from reality_engine.visibility.showing import event_views, is_visible
from reality_engine.visibility.timeline import NOW, stretches
from reality_engine.visibility.viewer import Viewer

# Of each facet of what was changed, so many of the latest changes are looked through; and so many are told.
LOOKED_AT: Final = 50
TOLD: Final = 20


async def standing_in_the_way(
    unit: ReadUnit, viewer: Viewer, pending: Iterable[EventView], undoing: Undoing
) -> tuple[dict[str, Plain], ...]:
    """Return the visible events since that changed the same things, the latest first, with those of `pending`.

    Things are the same where the viewer sees the change of them in both.
    """
    after = undoing.events[-1].position
    own = event_views(viewer, [shown(event) for event in undoing.events], lambda _: True)
    things = {(str(one["entity"]), str(one["field"])) for view in own for one in view.changes}
    positions: set[int] = set()
    for entity in sorted({key for key, _ in things}):
        found = await stretches(unit, viewer, entity, before=NOW, many=LOOKED_AT)
        positions |= {at for one in found.seen for at in (one.since, one.until) if after < at < NOW}
    later = [*await events_at(unit, viewer, sorted(positions)), *pending]
    by_place = {view.position: view for view in later if _changes(view, things)}
    latest = [by_place[at] for at in sorted(by_place, reverse=True)]
    return tuple(shown_events(latest[:TOLD], viewer))


def pending_since(viewer: Viewer, pending: Outlook, undoing: Undoing) -> list[EventView]:
    """Return what is visible of events that are still pending; raises LackError."""
    after = undoing.events[-1].position
    events = [shown(event) for event in pending.happening() if event.position > after]
    return event_views(viewer, events, lambda key: is_visible(viewer, pending.held(key)))


def _changes(view: EventView, things: set[tuple[str, str]]) -> bool:
    return any((str(one["entity"]), str(one["field"])) in things for one in view.changes)
