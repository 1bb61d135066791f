"""Answers what a decision lacks, from the database; not the decision."""

from collections.abc import Iterable

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.rules.decision import (
    Accepted,
    EntityQuestion,
    EventQuestion,
    FindQuestion,
    Question,
    ReferringQuestion,
)
from reality_engine.rules.facts import KnownFacts
from reality_engine.state import repository
from reality_engine.state.held import Held
from reality_engine.visibility.events import head_keys_with_secrets


async def load(unit: ReadUnit, world: str, facts: KnownFacts, questions: Iterable[Question]) -> None:
    """Add the answers to these questions; with each found or referring entity comes the entity itself."""
    asked = list(questions)
    finds = [one for one in asked if isinstance(one, FindQuestion)]
    found = await repository.found(unit, world, {(one.kind, one.field, one.key) for one in finds}) if finds else {}
    facts.finds.update({one: found.get((one.kind, one.field, one.key)) for one in finds})
    references = [one for one in asked if isinstance(one, ReferringQuestion)]
    if references:
        wanted = {(one.entity, f"{one.kind}.{one.field}") for one in references}
        sources = await repository.referring(unit, world, wanted)
        facts.references.update({one: sources[one.entity, f"{one.kind}.{one.field}"] for one in references})
    keys = {one.id for one in asked if isinstance(one, EntityQuestion)} | set(found.values())
    keys |= {source for one in references for source in facts.references[one]}
    events = {one.id for one in asked if isinstance(one, EventQuestion)}
    if events:
        heads = await head_keys_with_secrets(unit, world, events)
        facts.events.update({key: heads.get(key) for key in events})
    await _load_entities(unit, world, facts, keys - facts.entities.keys())


async def first_facts(unit: ReadUnit, world: str, principal: Principal, named: Iterable[str]) -> KnownFacts:
    """Return what nearly every decision asks for: the world's settings, who acts, and what the request names."""
    facts = KnownFacts()
    questions: list[Question] = [EntityQuestion(WORLD_ENTITY), *(EntityQuestion(key) for key in named)]
    if principal.known:
        questions.append(FindQuestion("member", "user", principal.id))
    await load(unit, world, facts, questions)
    return facts


async def held_before(unit: ReadUnit, world: str, decision: Accepted) -> dict[str, Held | None]:
    """Return what is held of each entity that a decision changes, None of new ones."""
    held = await repository.held_with_secrets(unit, world, decision.before)
    return {key: held.get(key) for key in decision.before}


async def moved_events(unit: ReadUnit, world: str, events: Iterable[Event]) -> dict[str, Event]:
    """Return by id the events before these whose heads these move."""
    keys = {one.event for event in events for one in event.moved}
    return {event.id: event for event in await eventlog.events_by_id(unit, world, keys)} if keys else {}


async def _load_entities(unit: ReadUnit, world: str, facts: KnownFacts, keys: set[str]) -> None:
    if keys:
        entities = await repository.entities_with_secrets(unit, world, keys)
        facts.entities.update({key: entities.get(key) for key in keys})
