"""Loads into a memory what judging lacks of a world as it was at a moment; nothing that could be acted on."""

from collections.abc import Iterable

from reality_engine.actions.memory import Memory
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.rules.decision import (
    BelongingsQuestion,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    Question,
    ReferringQuestion,
)
from reality_engine.state.entity import Entity
from reality_engine.state.held import Held
from reality_engine.visibility.events import head_keys_with_secrets
from reality_engine.visibility.recollection import (
    belongings_then,
    entities_then_with_secrets,
    found_then,
    referring_then,
)
from reality_engine.visibility.viewer import Viewer


async def begin_then(unit: ReadUnit, viewer: Viewer) -> Memory:
    """Return a memory of the world that a viewer looks at, under the rules of then, still empty."""
    return Memory(viewer.world, await eventlog.get_head(unit, viewer.world), viewer.pack)


async def recall_then(unit: ReadUnit, viewer: Viewer, memory: Memory, questions: Iterable[Question]) -> None:
    """Answer questions from what was; with each found or referring entity comes the entity itself.

    Who sees an event is what it is now, since that holds at all times.
    """
    for one in questions:
        if isinstance(one, EntityQuestion):
            found = await entities_then_with_secrets(unit, viewer, [one.id])
            memory.learn(memory.entities, {one.id: _held(found.get(one.id))})
        elif isinstance(one, FindQuestion):
            entity = await found_then(unit, viewer, one.kind, one.field, one.key)
            memory.learn(memory.finds, {(one.kind, one.field, one.key): None if entity is None else entity.id})
            _learn(memory, [] if entity is None else [entity])
        elif isinstance(one, ReferringQuestion):
            sources = await referring_then(unit, viewer, one.entity, one.kind, one.field)
            memory.learn(memory.references, {(one.entity, one.kind, one.field): frozenset(it.id for it in sources)})
            _learn(memory, sources)
        elif isinstance(one, BelongingsQuestion):
            owned = await belongings_then(unit, viewer, one.user)
            memory.learn(memory.owned, {one.user: frozenset(it.id for it in owned)})
            _learn(memory, owned)
        elif isinstance(one, EventQuestion):
            known = await head_keys_with_secrets(unit, viewer.world, [one.id])
            memory.learn(memory.heads, {one.id: known.get(one.id)})


def _learn(memory: Memory, entities: Iterable[Entity]) -> None:
    memory.learn(memory.entities, {entity.id: _held(entity) for entity in entities})


def _held(entity: Entity | None) -> Held | None:
    """Return an entity without its facets, which no rule reads."""
    return None if entity is None else Held(entity, 0, {})
