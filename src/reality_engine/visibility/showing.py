"""Shows what is at hand to a viewer as the queries would show it from the tables; pure, held to agree with them."""

from collections.abc import Callable, Sequence

from reality_engine.kernel.clock import to_text
from reality_engine.state.held import Held
from reality_engine.visibility.audience import sees
from reality_engine.visibility.entities import EntityView
from reality_engine.visibility.events import EventView, gathered, without_names
from reality_engine.visibility.parts import Shown
from reality_engine.visibility.seen import Seen
from reality_engine.visibility.viewer import Viewer


def is_visible(viewer: Viewer, held: Held | None) -> bool:
    """Say whether anything of an entity is to be seen."""
    if held is None:
        return False
    # The kind's own facet is there always, and what people see of a thing if they see anything, but for a few.
    own = held.facets.get(0)
    if own is not None and sees(viewer.scope, own.keys):
        return True
    return any(sees(viewer.scope, facet.keys) for facet in held.facets.values())


def entity_view(viewer: Viewer, held: Held | None) -> EntityView | None:
    """Return what is visible of an entity, or None."""
    if held is None:
        return None
    seen = {number: facet for number, facet in sorted(held.facets.items()) if sees(viewer.scope, facet.keys)}
    if not seen:
        return None
    entity, kind = held.entity, viewer.pack.kinds[held.entity.kind]
    changed_at = to_text(max(facet.changed_at for facet in seen.values()))
    fields = {name: value for facet in seen.values() for name, value in facet.fields.items()}
    owner = entity.owner if kind.owner_facet in seen else None
    return EntityView(entity.id, entity.kind, changed_at, owner, not entity.live, fields)


def event_views(viewer: Viewer, events: Sequence[Shown], shows: Callable[[str], bool]) -> list[EventView]:
    """Return what is visible of events, given with their parts, of which the earlier may be causes of the later.

    `shows` says whether anything is to be seen of the entity with an id.
    """
    views = []
    causes = set()
    scope = viewer.scope
    for event, parts in events:
        seen = [part.content for part in parts if sees(scope, part.keys)]
        if seen:
            views.append(gathered(event.position, seen))
        if sees(scope, event.keys):
            causes.add(event.id)
    heads = [view.head for view in views if view.head is not None]
    named = {str(head[part]) for head in heads for part in ("actor", "target") if part in head}
    visible = {key for key in named if shows(key)}
    without_names(viewer, heads, visible, causes)
    return views


def seen_of(viewer: Viewer, held: Held | None) -> Seen | None:
    """Return what is visible of an entity by facets; of what is deleted, only those who see everything see any."""
    if held is None or not (held.entity.live or viewer.scope.everything):
        return None
    facets = {number: facet.fields for number, facet in held.facets.items() if sees(viewer.scope, facet.keys)}
    entity = held.entity
    return Seen(entity.id, entity.kind, entity.live, entity.owner, dict(facets)) if facets else None
