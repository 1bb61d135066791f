"""P8: whatever is altered in what is stored, `verify` finds it and names the event or the entity."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.eventlog import checkpoints
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.checkpoints import Checkpoint
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import BEGINNING, Place
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.playing import folded, played
from reality_engine.projection.verify import verify
from reality_engine.rules.decision import Request
from tests.databases import Databases
from tests.properties.stage import Stage, staged
from tests.properties.tampering import FOR_GOOD, OF_THE_LOG, WAYS, Scene
from tests.serving import NOON

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
QUAY = Path(__file__).parents[1] / "integration" / "quay.yaml"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def played_world(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, str]]:
    """Yield a world in which something of everything has happened."""
    with databases.fresh(request.param, migrated=True) as url, staged(url, QUAY) as stage:
        yield stage, stage.runner.run(play(stage))


async def play(stage: Stage) -> str:
    """Make the world."""
    world = await stage.world()
    there = await stage.entities(world)
    heroes = {one.owner: key for key, one in there.items() if one.kind == "character"}
    gia, mira, pia, _ = stage.people
    members = {str(one.fields["user"]): key for key, one in there.items() if one.kind == "member"}
    faction = there[heroes[mira.id]].fields["faction"]
    wishes = [
        Request("keep_secret", mira, heroes[mira.id], input={"secret": "I am the heir"}),
        Request("set_plot", gia, target=str(faction), input={"plot": "Something new"}),
        Request("retire", pia, heroes[pia.id]),
        Request("member.remove", pia, target=members[pia.id]),
        Request("world.configure", gia, input={"title": "Wednesdays"}),
    ]
    done = [(await acting.submit(stage.actions, world, Wish(one))).accepted for one in wishes]
    assert done == [True] * len(wishes)
    await stage.verified(world)
    return world


async def _tampered(stage: Stage, world: str, way: str, at: int) -> None:
    async with stage.units.write() as unit:  # never committed
        named = await WAYS[way](Scene(unit, world, at))
        with pytest.raises(IntegrityError) as found:
            await verify(unit, world, stage.actions.packs)
        if way in OF_THE_LOG:
            with pytest.raises(IntegrityError) as alone:
                await folded(unit, world, await eventlog.get_head(unit, world))
            assert alone.value.message == found.value.message
    assert named in found.value.message + " ", f"{way} {at}: {found.value.message}"


@pytest.mark.parametrize("way", WAYS)
def test_what_was_altered_is_found_and_named(played_world: tuple[Stage, str], way: str) -> None:
    stage, world = played_world

    @settings(max_examples=max(12, settings().max_examples // 4))
    @given(at=st.integers(0, 5000))
    def altered(at: int) -> None:
        stage.runner.run(_tampered(stage, world, way, at))

    altered()
    stage.runner.run(stage.verified(world))


@pytest.mark.parametrize("way", FOR_GOOD)
def test_what_was_cut_off_or_replaced_is_found_against_what_was_signed(
    played_world: tuple[Stage, str], way: Callable[[Scene], Awaitable[int]]
) -> None:
    stage, world = played_world

    async def altered(at: int, signed: int) -> None:
        async with stage.units.write() as unit:  # never committed
            end = (await eventlog.get_head(unit, world)).position
            position = signed % end + 1
            event = await eventlog.recorded_at(unit, world, position)
            assert event is not None
            line = checkpoints.signed(Checkpoint(world, position, *event, NOON, "1"), KEY)
            (kept,) = checkpoints.read(line.encode(), checkpoints.public_key_of(KEY))
            first = await way(Scene(unit, world, at))
            head = await eventlog.get_head(unit, world)
            await folded(unit, world, head)  # tells nothing
            event = await eventlog.recorded_at(unit, world, position)
            with pytest.raises(IntegrityError) if first <= position else nullcontext():
                checkpoints.check(kept, head.position, event)

    @settings(max_examples=max(12, settings().max_examples // 4))
    @given(at=st.integers(0, 5000), signed=st.integers(0, 5000))
    def found(at: int, signed: int) -> None:
        stage.runner.run(altered(at, signed))

    found()


def test_a_log_is_played_alike_in_pages_of_any_size_and_from_any_place(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def of(after: Place, many: int) -> tuple[list[Event], list[Place]]:
        events: list[Event] = []
        async with stage.units.read() as unit:
            head = await eventlog.get_head(unit, world)
            places = [
                place
                async for place in played(unit, world, head, lambda logged: events.append(logged.event()), after, many)
            ]
        return events, places

    whole, (end,) = stage.runner.run(of(BEGINNING, 1000))
    again, places = stage.runner.run(of(BEGINNING, 3))
    assert (again, places[-1]) == (whole, end)
    for place in places:
        assert stage.runner.run(of(place, 7))[0] == whole[place.position :]


def test_what_follows_another_log_is_not_played(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def onward() -> None:
        async with stage.units.read() as unit:
            head = await eventlog.get_head(unit, world)
            async for _ in played(unit, world, head, lambda _: None, Place(3, bytes(32))):
                raise AssertionError("a page was played")

    with pytest.raises(IntegrityError, match="event 4 does not fit"):
        stage.runner.run(onward())
