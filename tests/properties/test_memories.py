"""What is remembered, what is pending over it, and what was caught up with are the world as the database has it."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.actions import service as acting
from reality_engine.actions.answer import Answer
from reality_engine.actions.following import catch_up
from reality_engine.actions.group import Group, Lot
from reality_engine.actions.memory import Memory
from reality_engine.actions.order import Order
from reality_engine.actions.recalling import begin, recall
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import InvalidError, NotFoundError, RealityError
from reality_engine.reads.etags import etag_of
from reality_engine.reads.shown import shown_events
from reality_engine.visibility.entities import get_entity
from reality_engine.visibility.events import events_at
from reality_engine.visibility.seen import seen_now
from reality_engine.visibility.showing import entity_view, seen_of
from reality_engine.visibility.viewer import Viewer, viewer_of
from tests.properties.recollection import answers, fresh_answers, questions
from tests.properties.stage import COMMONS, HARBOR, Stage, staged, wish

KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
EXAMPLES = max(4, settings().max_examples // 12)


@pytest.fixture(params=[HARBOR, COMMONS], ids=lambda folder: folder.name)
def stage(database_url: str, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(database_url, request.param) as stage:
        yield stage


async def act(stage: Stage, world: str, asked: Wish) -> Answer | None:
    """Act; None where that was an error and no answer."""
    try:
        return await stage.act(world, asked)
    except (NotFoundError, InvalidError):
        return None


async def wishes(stage: Stage, data: st.DataObject, world: str, most: int = 8) -> list[Wish]:
    """Draw what is asked for, all by the world as it is now: some of it will not be any more at its turn."""
    there = await stage.entities(world)
    return [wish(stage, data, there) for _ in range(data.draw(st.integers(1, most), label="wishes"))]


async def pended(stage: Stage, memory: Memory, asked: list[Wish]) -> Group:
    """Decide wishes in one group, which is not written."""
    group = Group(stage.actions, memories={memory.world: memory})
    async with stage.units.read() as unit:
        await decide(group, memory, unit, asked)
    return group


async def decide(group: Group, memory: Memory, unit: ReadUnit, asked: list[Wish]) -> None:
    async def read() -> ReadUnit:
        return unit

    for one in asked:
        await group.decide(memory, Order(memory.world, one), Lot(read, {}))


async def some(stage: Stage, data: st.DataObject, world: str) -> list[str]:
    """Draw some entities; what is drawn does not depend on what is there."""
    step = data.draw(st.integers(1, 4), label="every n-th is forgotten")
    return sorted(await stage.entities(world))[::step]


def forget(memory: Memory, entities: list[str]) -> None:
    """Have a memory hold less than it was asked for."""
    memory.entities.forget(entities)
    memory.finds.clear()
    memory.references.clear()
    memory.owned.clear()


async def check_flight(stage: Stage, data: st.DataObject) -> None:
    """Decide a group while the one ahead is written, or fails: what is read meanwhile is of before or after that."""
    world = await stage.world()
    async with stage.units.read() as unit:
        memory = await begin(unit, world, stage.actions.packs)
    ahead = await pended(stage, memory, await wishes(stage, data, world, 3))
    ahead.close()
    above = Group(stage.actions, ahead, memories={world: memory})
    written = data.draw(st.booleans(), label="written")
    early, late = await wishes(stage, data, world, 2), await wishes(stage, data, world, 2)
    first, then = await some(stage, data, world), await some(stage, data, world)
    async with stage.units.read() as before:
        await eventlog.get_head(before, world)  # from here on it sees the world as it is now
        forget(memory, first)
        await decide(above, memory, before, early)
        if written:
            await stage.units.write_batch(ahead.batch)
        forget(memory, then)
        await decide(above, memory, before, late[::2])
        async with stage.units.read() as after:
            await decide(above, memory, after, late[1::2])
    if not written:
        memory.unlearn()
        await check_known(stage, memory)
        return
    ahead.remember()
    memory.rest()
    above.land()
    above.close()
    await check_known(stage, memory)
    await stage.units.write_batch(above.batch)
    above.remember()
    memory.rest()
    await check_known(stage, memory)
    assert (await stage.verified(world)).events == memory.head.position


async def check_known(stage: Stage, memory: Memory) -> None:
    """Hold a memory to what who begins anew knows."""
    async with stage.units.read() as unit:
        asked = await questions(stage, unit, memory.world)
        assert memory.head == await eventlog.get_head(unit, memory.world)
        fresh = await fresh_answers(stage, unit, memory.world, asked)
        assert await answers(stage, memory, memory, unit, asked) == fresh


async def check_outlook(stage: Stage, data: st.DataObject) -> None:
    world = await stage.world()
    async with stage.units.read() as unit:
        known = await begin(unit, world, stage.actions.packs)
        # The limit is for the time between groups: there may be room for next to nothing.
        memory = Memory(world, known.head, known.pack, data.draw(st.sampled_from([2, 20_000]), label="limit"))
        before = await questions(stage, unit, world)
        await recall(unit, memory, before)
        await answers(stage, memory, memory, unit, before)
    memory.rest()
    group = await pended(stage, memory, await wishes(stage, data, world))
    assert all(isinstance(outcome, Answer | RealityError) for _, outcome in group.outcomes), group.outcomes
    # What is not remembered is still as it was before the group, which the outlook has to see over.
    forget(memory, await some(stage, data, world))
    async with stage.units.read() as unit:
        over = next(iter(group.outlooks.values()))
        foreseen = await answers(stage, over, memory, unit, before)
    await stage.units.write_batch(group.batch)
    async with stage.units.read() as unit:
        asked = before | await questions(stage, unit, world)
        fresh = await fresh_answers(stage, unit, world, asked)
        assert over.head == await eventlog.get_head(unit, world)
        assert foreseen == {question: fresh[question] for question in foreseen}
        group.remember()
        assert await answers(stage, memory, memory, unit, asked) == fresh
        memory.rest()
        assert await answers(stage, memory, memory, unit, asked) == fresh
    assert (await stage.verified(world)).events == over.head.position


async def check_catching_up(stage: Stage, data: st.DataObject) -> None:
    world = await stage.world()
    async with stage.units.read() as unit:
        memory = await begin(unit, world, stage.actions.packs)
        before = await questions(stage, unit, world)
        await recall(unit, memory, before)
        await answers(stage, memory, memory, unit, before)
    memory.rest()
    memory.entities.forget(data.draw(st.sets(st.sampled_from(sorted(await stage.entities(world))), max_size=5)))
    for _ in range(data.draw(st.integers(1, 8), label="steps")):
        await act(stage, world, wish(stage, data, await stage.entities(world)))
    async with stage.units.read() as unit:
        head = await eventlog.get_head(unit, world)
        catch_up(memory, await eventlog.events_between(unit, world, memory.head.position, head), head)
        asked = before | await questions(stage, unit, world)
        assert memory.head == head
        assert await answers(stage, memory, memory, unit, asked) == await fresh_answers(stage, unit, world, asked)


async def check_showing(stage: Stage, data: st.DataObject) -> None:
    world = await stage.world()
    for _ in range(data.draw(st.integers(1, 8), label="steps")):
        async with stage.units.read() as unit:
            start = (await eventlog.get_head(unit, world)).position
        asked = wish(stage, data, await stage.entities(world))
        answer = await act(stage, world, asked)
        if answer is not None and answer.accepted and not answer.repeated:
            await check_answer(stage, world, asked, answer, start)
    async with stage.units.read() as unit:
        memory = await begin(unit, world, stage.actions.packs)
        everything = await questions(stage, unit, world)
        found = await answers(stage, memory, memory, unit, everything)
        for person in stage.people:
            try:
                viewer = await viewer_of(unit, world, person, stage.actions.viewers)
            except NotFoundError:
                assert found[person.id] is None
                continue
            assert found[person.id] == viewer.scope
            for key in await stage.entities(world):
                held = memory.held(key)
                view = entity_view(viewer, held)
                seen = (await seen_now(unit, viewer.scope, world, [key])).get(key)
                assert seen_of(viewer, held) == seen
                try:
                    shown = await get_entity(unit, viewer, key)
                except NotFoundError:
                    assert view is None
                else:
                    assert view == shown
                    assert etag_of(shown, b"key", person.id) == etag_of(view, b"key", person.id)


async def check_answer(stage: Stage, world: str, asked: Wish, answer: Answer, start: int) -> None:
    """Hold what was answered without a look at the database to what the database shows afterwards."""
    async with stage.units.read() as unit:
        head = await eventlog.get_head(unit, world)
        try:
            viewer: Viewer = await viewer_of(unit, world, asked.request.principal, stage.actions.viewers)
        except NotFoundError:
            assert answer.events == ()
            return
        shown = shown_events(await events_at(unit, viewer, range(start + 1, head.position + 1)), viewer)
    assert list(answer.events) == shown


async def check_order(stage: Stage, data: st.DataObject) -> None:
    """Do the same in one group and one by one: what happens, and what is told, is the same, but for ids."""
    world = await stage.world()
    there = await stage.entities(world)
    asked = [wish(stage, data, there) for _ in range(data.draw(st.integers(2, 6), label="wishes"))]
    turns = stage.turns.taken
    async with stage.units.read() as unit:
        memory = await begin(unit, world, stage.actions.packs)
    group = await pended(stage, memory, asked)
    told: list[object] = [
        outcome.code if isinstance(outcome, RealityError) else outcome for _, outcome in group.outcomes
    ]
    head = next(iter(group.outlooks.values())).head
    stage.turns.taken = turns
    alone = Actions(stage.units, stage.clock, stage.actions.viewers, b"key", stage.turns)
    one_by_one: list[object] = []
    for one in asked:
        try:
            one_by_one.append(await acting.submit(alone, world, one))
        except RealityError as error:
            one_by_one.append(error.code)
    assert one_by_one == told
    async with stage.units.read() as unit:
        assert await eventlog.get_head(unit, world) == head  # with the digest of all that was told so far


@settings(max_examples=EXAMPLES, suppress_health_check=KEPT)
@given(data=st.data())
def test_what_is_pending_is_what_the_world_will_be(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(check_outlook(stage, data))


@settings(max_examples=EXAMPLES // 2, suppress_health_check=KEPT)
@given(data=st.data())
def test_what_is_decided_while_the_group_ahead_is_written_is_what_the_world_will_be(
    stage: Stage, data: st.DataObject
) -> None:
    stage.runner.run(check_flight(stage, data))


@settings(max_examples=EXAMPLES, suppress_health_check=KEPT)
@given(data=st.data())
def test_who_caught_up_knows_what_who_begins_anew_knows(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(check_catching_up(stage, data))


@settings(max_examples=EXAMPLES, suppress_health_check=KEPT)
@given(data=st.data())
def test_what_is_shown_from_memory_is_what_the_database_shows(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(check_showing(stage, data))


# By night, until it is known why generating data for it is not always repeatable.
@pytest.mark.nightly
@settings(max_examples=EXAMPLES, suppress_health_check=KEPT)
@given(data=st.data())
def test_a_group_is_its_actions_one_by_one(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(check_order(stage, data))
