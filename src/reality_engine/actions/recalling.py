"""Loads into a memory what judging lacked; the one place of the write path that reads state."""

from collections.abc import Iterable

from reality_engine.actions.memory import Memory
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.rules.decision import (
    BelongingsQuestion,
    CascadeQuestion,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    PastEventQuestion,
    Question,
    ReferringQuestion,
    Request,
    UndoneQuestion,
)
from reality_engine.rules.naming import events_named_by, named_by
from reality_engine.state import repository
from reality_engine.visibility.events import head_keys_with_secrets
from reality_engine.visibility.resolver import belongings
from reality_engine.visibility.undone import undone_last


async def begin(unit: ReadUnit, world: str, cache: PackCache) -> Memory:
    """Return a memory of a world as it is now, still empty; raises NotFoundError where there is no such world."""
    head = await eventlog.get_head(unit, world)
    return Memory(world, head, await packs.load(unit, head.pack, cache))


def first_questions(memory: Memory, request: Request) -> set[Question]:
    """Return what nearly every wish asks: the world's settings, who acts, and what the request names."""
    action = memory.pack.actions.get(request.action)
    named = {WORLD_ENTITY, *named_by(action, request)}
    questions: set[Question] = {EntityQuestion(key) for key in named if key not in memory.entities}
    questions |= {EventQuestion(key) for key in events_named_by(action, request) if key not in memory.heads}
    if request.principal.known and ("member", "user", request.principal.id) not in memory.finds:
        questions.add(FindQuestion("member", "user", request.principal.id))
    return questions


async def recall(unit: ReadUnit, memory: Memory, questions: Iterable[Question]) -> None:
    """Answer questions from the tables; with each found or referring entity comes the entity itself."""
    asked = list(questions)
    wanted = {one.id for one in asked if isinstance(one, EntityQuestion)}
    wanted |= await _finds(unit, memory, [one for one in asked if isinstance(one, FindQuestion)])
    wanted |= await _references(unit, memory, [one for one in asked if isinstance(one, ReferringQuestion)])
    for one in asked:
        if isinstance(one, BelongingsQuestion):
            owned = frozenset(await belongings(unit, memory.world, memory.pack, one.user))
            memory.learn(memory.owned, {one.user: owned})
            wanted |= owned
    await _events(unit, memory, asked)
    await _entities(unit, memory, {key for key in wanted if key not in memory.entities})


async def _finds(unit: ReadUnit, memory: Memory, asked: list[FindQuestion]) -> set[str]:
    if not asked:
        return set()
    wanted = {(one.kind, one.field, one.key) for one in asked}
    found = await repository.found(unit, memory.world, wanted)
    memory.learn(memory.finds, {place: found.get(place) for place in wanted})
    return set(found.values())


async def _references(unit: ReadUnit, memory: Memory, asked: list[ReferringQuestion]) -> set[str]:
    if not asked:
        return set()
    found = await repository.referring(unit, memory.world, {(one.entity, f"{one.kind}.{one.field}") for one in asked})
    referring = {(one.entity, one.kind, one.field): found[one.entity, f"{one.kind}.{one.field}"] for one in asked}
    memory.learn(memory.references, referring)
    return set().union(*referring.values())


async def _events(unit: ReadUnit, memory: Memory, asked: list[Question]) -> None:
    heads = {one.id for one in asked if isinstance(one, EventQuestion)}
    if heads:
        known = await head_keys_with_secrets(unit, memory.world, heads)
        memory.learn(memory.heads, {key: known.get(key) for key in heads})
    past = {one.id for one in asked if isinstance(one, PastEventQuestion)}
    if past:
        events = {event.id: event for event in await eventlog.events_by_id(unit, memory.world, past)}
        memory.past.update({key: events.get(key) for key in past})
    for one in asked:
        if isinstance(one, CascadeQuestion):
            memory.cascades[one.id] = tuple(await eventlog.cascade(unit, memory.world, one.id))
    marked = {one.id for one in asked if isinstance(one, UndoneQuestion)}
    if marked:
        undos = await undone_last(unit, memory.world, marked)
        memory.undos.update({key: undos.get(key) for key in marked})


async def _entities(unit: ReadUnit, memory: Memory, keys: set[str]) -> None:
    if keys:
        held = await repository.held_with_secrets(unit, memory.world, keys)
        memory.learn(memory.entities, {key: held.get(key) for key in keys})
