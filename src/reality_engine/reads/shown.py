"""Events and entities in the one form in which answers show them; not which of them are visible."""

from collections.abc import Sequence
from typing import Final

from reality_engine.kernel.json import Plain
from reality_engine.reads.etags import etag_of
from reality_engine.visibility.entities import EntityView
from reality_engine.visibility.events import EventView
from reality_engine.visibility.viewer import Viewer

# The parts of a head in the order of `EventResponse`: the databases have them in orders of their own.
HEAD: Final = (
    "type", "action", "narrative", "by", "actor", "target", "cause", "occurred_at", "rolls", "data",
)  # fmt: skip


def shown_events(views: Sequence[EventView], viewer: Viewer) -> list[dict[str, Plain]]:
    """Return events as they are shown: what has no value, or is not visible, is absent."""
    return [_shown(view, with_position=viewer.scope.everything) for view in views]


def _shown(view: EventView, *, with_position: bool) -> dict[str, Plain]:
    shown: dict[str, Plain] = {"id": view.id, "at": view.at}
    head = view.head
    if head is not None:
        for name in HEAD:
            if name in head:
                shown[name] = head[name]
    if view.input:
        shown["input"] = view.input
    if view.changes:
        shown["changes"] = list(view.changes)
    if view.moved:
        shown["moved"] = view.moved
    if with_position:
        shown["position"] = view.position
    return shown


def shown_entity(
    view: EntityView, key: bytes | None, viewer: str, fields: frozenset[str] | None = None
) -> dict[str, Plain]:
    """Return an entity as it is shown to a viewer, or of its fields only some; the tag is that of all that they see.

    Without a key it has no tag: nobody can act on what was.
    """
    shown: dict[str, Plain] = {"id": view.id, "kind": view.kind}
    if view.owner is not None:
        shown["owner"] = view.owner
    if view.deleted:
        shown["deleted"] = True
    held = view.fields
    shown["fields"] = held if fields is None else {name: held[name] for name in held if name in fields}
    shown["updated_at"] = view.updated_at
    if key is not None:
        shown["etag"] = etag_of(view, key, viewer)
    return shown
