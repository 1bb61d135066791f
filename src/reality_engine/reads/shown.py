"""Events in the one form in which answers and the feed show them; not which of them are visible."""

from collections.abc import Sequence

from reality_engine.kernel.json import Plain
from reality_engine.visibility.events import EventView
from reality_engine.visibility.viewer import Viewer


def shown_events(views: Sequence[EventView], viewer: Viewer) -> list[dict[str, Plain]]:
    """Return events as they are shown: what has no value, or is not visible, is absent."""
    return [_shown(view, with_position=viewer.scope.everything) for view in views]


def _shown(view: EventView, *, with_position: bool) -> dict[str, Plain]:
    shown: dict[str, Plain] = {"id": view.id, "at": view.at, **(view.head or {})}
    if view.input:
        shown["input"] = view.input
    if view.changes:
        shown["changes"] = list(view.changes)
    if view.moved:
        shown["moved"] = view.moved
    if with_position:
        shown["position"] = view.position
    return shown
