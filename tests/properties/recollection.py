"""What a memory, or an outlook over one, answers to everything that may be asked of a world; not what it should."""

from collections.abc import Collection
from typing import Any

from reality_engine.actions.known import Known
from reality_engine.actions.memory import Memory
from reality_engine.actions.recalling import begin, recall
from reality_engine.actions.scopes import viewer_in
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.repository import stored_events
from reality_engine.kernel.errors import NotFoundError
from reality_engine.rules.decision import (
    BelongingsQuestion,
    CascadeQuestion,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    LackError,
    PastEventQuestion,
    Question,
    ReferringQuestion,
    UndoneQuestion,
)
from reality_engine.state import repository
from reality_engine.state.entity import unique_key
from tests.properties.stage import Stage


async def questions(stage: Stage, unit: ReadUnit, world: str) -> set[Question]:
    """Return everything that may be asked of a world as it is: of all there is, and of all that it holds."""
    asked: set[Question] = {BelongingsQuestion(person.id) for person in stage.people}
    kinds = stage.pack.kinds
    everything = await repository.world_with_secrets(unit, world)
    for entity in everything.values():
        asked.add(EntityQuestion(entity.id))
        for name in kinds[entity.kind].uniques:
            value = entity.get(name)
            if value is not None:
                asked.add(FindQuestion(entity.kind, name, unique_key(value)))
        asked |= {ReferringQuestion(entity.id, kind.name, name) for kind in kinds.values() for name in kind.refs}
    async for row in stored_events(unit, world):
        asked |= {EventQuestion(row.id), PastEventQuestion(row.id), CascadeQuestion(row.id), UndoneQuestion(row.id)}
    return asked


async def answers(
    stage: Stage, known: Known, memory: Memory, unit: ReadUnit, asked: Collection[Question]
) -> dict[Any, Any]:
    """Return what is answered; what `memory`, which lies below, does not hold is read by the unit."""
    found: dict[Any, Any] = {}
    # What is in the log stays, so that it can be read at once whatever is remembered.
    past = (PastEventQuestion, CascadeQuestion)
    await recall(unit, memory, [one for one in asked if isinstance(one, past)])
    for question in asked:
        found[question] = await _lacking_nothing(memory, unit, lambda one=question: _answer(known, one))
    for person in stage.people:
        found[person.id] = await _lacking_nothing(memory, unit, lambda one=person: _scope(known, one))
    return found


async def fresh_answers(stage: Stage, unit: ReadUnit, world: str, asked: Collection[Question]) -> dict[Any, Any]:
    """Return what is answered by who remembered nothing."""
    memory = await begin(unit, world, stage.actions.packs)
    await recall(unit, memory, asked)
    return await answers(stage, memory, memory, unit, asked)


async def _lacking_nothing(memory: Memory, unit: ReadUnit, work: Any) -> Any:
    while True:
        try:
            return work()
        except LackError as lack:
            await recall(unit, memory, lack.questions)


def _answer(known: Known, question: Question) -> Any:
    match question:
        case EntityQuestion(id=key):
            return known.held(key)
        case FindQuestion(kind=kind, field=field, key=key):
            return known.find(kind, field, key)
        case ReferringQuestion(entity=entity, kind=kind, field=field):
            return known.referring(entity, kind, field)
        case BelongingsQuestion(user=user):
            return known.belongings(user)
        case _:
            return _answer_of_events(known, question)


def _answer_of_events(known: Known, question: Question) -> Any:
    match question:
        case EventQuestion(id=key):
            return known.event(key)
        case PastEventQuestion(id=key):
            return known.past_event(key)
        case CascadeQuestion(id=key):
            return known.cascade(key)
        case UndoneQuestion(id=key):
            return known.undone(key)
        case _:
            raise TypeError(question)


def _scope(known: Known, person: Any) -> Any:
    try:
        return viewer_in(known, person).scope
    except NotFoundError:
        return None
