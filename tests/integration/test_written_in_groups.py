"""What many actions leave behind does not depend on how many of them were written at once."""

from collections.abc import Awaitable, Callable
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from reality_engine.db.batch import Batch
from reality_engine.db.unit import Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import event_of
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.projection.projector import project
from reality_engine.visibility.parts import shown
from tests.integration.test_moved_events import PACK as LETTERS
from tests.playing import QUAY, Playing, play
from tests.serving import serving
from tests.tables import Dump, dump

if TYPE_CHECKING:
    from reality_engine.state.held import Held

Story = Callable[[Playing], Awaitable[None]]

NUMBERED = {"entity_texts", "event_texts", "past_entity_texts"}
# What the projection fills.
TABLES = {
    "entities", "entity_audiences", "entity_facets", "entity_refs", "entity_texts", "entity_uniques", "entity_values",
    "event_audiences", "event_facets", "event_texts", "moved_events", "past_entities", "past_entity_facets",
    "past_entity_audiences", "past_entity_refs", "past_entity_texts", "past_entity_uniques",
}  # fmt: skip


async def projected(units: Units) -> Dump:
    """Return what the projection has left, but for the numbers that the database gave."""
    tables = await dump(units)
    return {
        name: sorted((row[1:] for row in rows), key=repr) if name in NUMBERED else rows
        for name, rows in tables.items()
        if name in TABLES
    }


async def actions(units: Units, world: str) -> list[list[Event]]:
    """Return the events of a world, action by action."""
    async with units.read() as unit:
        events = [event_of(row) async for row in eventlog.stored_events(unit, world)]
    return [list(some) for _, some in groupby(events, key=lambda event: event.correlation)]


async def write_again(units: Units, world: str, pack: CompiledPack, told: list[list[Event]], size: int) -> None:
    """Write what a log makes into another database, so many actions at once."""
    held: dict[str, Held] = {}
    by_id = {event.id: event for events in told for event in events}
    for start in range(0, len(told), size):
        group = Batch()
        for events in told[start : start + size]:
            touched = {one.change.entity for event in events for one in event.changes}
            moved = {one.event: by_id[one.event] for event in events for one in event.moved}
            before = {key: held.get(key) for key in touched}
            projection = project(world, pack, [shown(event) for event in events], before, moved)
            projection.write(group)
            held |= projection.after
        await units.write_batch(group)


async def letters(playing: Playing) -> None:
    """Write letters, and show and hide them, so that one group may write an event and move it."""
    await playing.do("Gia", "place")
    box = next(iter((await playing.all("Gia", "box")).values()))["id"]
    for text in ("dear Pia", "dear Otto"):
        await playing.do("Mira", "write", input={"text": text, "box": box})
        letter = next(event for event in await playing.feed("Gia") if event["type"] == "write")["id"]
        for action in ("show", "hide", "show", "flip"):
            await playing.do("Mira", action, input={"which": letter})


async def quay(playing: Playing) -> None:
    """Make, change, pass on and delete, and take over a name that was let go."""
    crows, cass = await playing.id_of("faction", "The Crows"), await playing.character("Mira", "Cass")
    await playing.do("Mira", "keep_secret", actor=cass, input={"secret": "the key lies under the stone"})
    await playing.do("Mira", "advance_plan", actor=cass, target=crows)
    await playing.do("Mira", "weigh", actor=cass, input={"weight": 71.5})
    await playing.do("Gia", "set_plot", target=crows, input={"plot": "they wait for the flood"})
    pia = (await playing.do("Pia", "join_as", input={"name": "Dov", "faction": crows}))[0]["by"]["id"]
    await playing.do("Gia", "start_clock", input={"name": "Doom", "stakes": "all"})
    clock = await playing.id_of("clock", "Doom")
    for _ in range(3):
        await playing.do("Pia", "tick_clock", target=clock, input={"ticks": 2})
    await playing.do("Gia", "lay_trap", target=cass, input={"name": "Pit"})
    await playing.do("Gia", "spring_trap", target=await playing.id_of("trap", "Pit"))
    await playing.do("Mira", "give_away", actor=cass, input={"user": pia})
    await playing.do("Pia", "keep_secret", actor=cass, input={"secret": "no more"})
    await playing.do("Pia", "retire", actor=cass)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("name", "source", "tell"), [("letters", LETTERS, letters), ("quay", QUAY, quay)], ids=["letters", "quay"]
)
async def test_the_tables_are_the_same(
    database_url: str, others: Units, size: int, name: str, source: str, tell: Story
) -> None:
    async with serving(database_url) as server:
        playing = await play(server, source, name, public=True)
        await tell(playing)
        units: Units = server.app.state.context.units
        told = await actions(units, playing.world)
        await write_again(others, playing.world, compile_source({"pack.yaml": source}), told, size)
        assert await projected(others) == await projected(units)
