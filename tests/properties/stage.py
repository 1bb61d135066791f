"""A world of a pack on a real database, in which generated principals act through the one function that submits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reality_engine.actions import service as acting
from reality_engine.actions.answer import Answer
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.chance import Draws, SeededChance
from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.ids import WORLD_ENTITY, fresh_id
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import Action, CompiledPack, FieldType, Input
from reality_engine.packs.loader import read_files
from reality_engine.projection.playing import folded
from reality_engine.projection.verify import Verified, verify
from reality_engine.rules.decision import Request
from reality_engine.rules.undoable import UNDO
from reality_engine.state import repository
from reality_engine.state.entity import Entity
from reality_engine.visibility.viewer import Viewers
from reality_engine.worlds import service as worlds
from tests.serving import NOON

HARBOR = Path(__file__).parents[2] / "packs" / "harbor"
CORTEX = HARBOR.with_name("cortex")
COMMONS = HARBOR.with_name("commons")
NAMES = ("Gia", "Mira", "Pia", "Otto")  # the first makes the world, the last stays outside unless somebody adds him
_TEXTS = st.sampled_from(["", "a", "Cass", "The Crows", "ünïcode \U0001f480", "x" * 90]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=8
)


@dataclass
class Turns:
    """The chance of one action after the other, the same for each world: Hypothesis wants its runs repeatable."""

    taken: int = 0

    def __call__(self) -> Draws:
        """Return the chance of the next action."""
        self.taken += 1
        seed = self.taken.to_bytes(32)
        return lambda: SeededChance(seed)


@dataclass
class Stage:
    """One database, one pack and some principals; each example makes a world of its own."""

    units: Units
    pack: CompiledPack
    actions: Actions
    runner: asyncio.Runner
    clock: FixedClock
    turns: Turns
    people: list[Principal] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    async def world(self) -> str:
        """Make a world with two more members, who have begun something in it; every one of them at the same moment."""
        self.clock.advance(NOON - self.clock.now())
        self.turns.taken = 0
        self.events.clear()
        gia, mira, pia, _ = self.people
        new = worlds.NewWorld(
            self.pack.name, self.pack.version, {"title": "Tuesdays", "public": True, "joining": "open"}
        )
        async with self.units.write() as unit:
            made = await worlds.create(unit, new, gia, self.actions.packs, self.clock.now(), self.turns())
            await unit.commit()
        for one in (mira, pia):
            joined = await acting.submit(self.actions, made.id, Wish(Request("member.join", one)))
            assert joined.accepted, joined
        there = await self.entities(made.id)
        for request in _openings(self.pack, (mira, pia), there):
            assert (await acting.submit(self.actions, made.id, Wish(request))).accepted
        return made.id

    async def act(self, world: str, wish: Wish) -> Answer:
        """Act, a little later than before, or at the same moment; what happened may be named from then on."""
        answer = await acting.submit(self.actions, world, wish)
        self.events += [str(event["id"]) for event in answer.events if not answer.repeated]
        return answer

    async def entities(self, world: str) -> dict[str, Entity]:
        """Return all there is in a world."""
        async with self.units.read() as unit:
            return await repository.world_with_secrets(unit, world)

    async def verified(self, world: str) -> Verified:
        """Hold the world to its log, which says the same however it is folded."""
        async with self.units.read() as unit:
            made = await folded(unit, world, await eventlog.get_head(unit, world))
            assert made == await repository.world_with_secrets(unit, world)
            return await verify(unit, world, self.actions.packs)


def _openings(pack: CompiledPack, people: tuple[Principal, ...], there: dict[str, Entity]) -> Iterator[Request]:
    """Yield what members do first: bring a character, settle with a gatherer, or make one thing of each kind."""
    for one in people:
        if "join_as" in pack.actions:
            faction = next(key for key, each in there.items() if each.kind == "faction")
            yield Request("join_as", one, input={"name": one.name, "faction": faction})
        elif "settle" in pack.actions:
            band = next(key for key, each in there.items() if each.kind == "band")
            yield Request("settle", one, input={"name": one.name, "band": band})
        else:
            yield Request("found_team", one, input={"name": one.name})
            yield Request("add_task", one, input={"title": one.name})
            yield Request("write_note", one, input={"title": one.name})


@contextmanager
def staged(url: str, folder: Path = HARBOR) -> Iterator[Stage]:
    """Open a database and store a pack in it."""
    with asyncio.Runner() as runner:
        engines, clock, cache = open_engines(url), FixedClock(NOON), PackCache()
        units, files = Units(engines), read_files(folder)

        async def store() -> CompiledPack:
            pack = await packs.check(files, cache)
            async with units.write() as unit:
                await packs.store(unit, pack, files, clock.now())
                await unit.commit()
            return pack

        pack = runner.run(store())
        people = [Principal(PrincipalKind.PERSON, fresh_id(NOON), name, "session") for name in NAMES]
        turns = Turns()
        yield Stage(units, pack, Actions(units, clock, Viewers(cache), b"key", turns), runner, clock, turns, people)
        runner.run(engines.close())


def wish(stage: Stage, data: st.DataObject, there: dict[str, Entity]) -> Wish:
    """Draw what somebody asks for: mostly what makes sense, sometimes what does not."""
    pack = stage.pack
    names = [name for name in pack.actions if name not in ("world.create", "world.delete")]
    # What the pack itself says is more interesting than who is a member.
    names += [name for name in names if "." not in name] * 3
    # Of what was done, some is taken back, so that what comes after meets what is so again.
    names += [UNDO] * (len(names) // 6)
    action = pack.actions[data.draw(st.sampled_from(names), label="action")]
    principal = stage.people[data.draw(st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 3]), label="who")]
    stage.clock.advance(timedelta(seconds=data.draw(st.sampled_from([0, 1, -1]), label="time")))
    parts: dict[str, Any] = {}
    for part in ("actor", "target"):
        kind = getattr(action, part)
        if kind is not None:
            owner = principal.id if part == "actor" else None
            parts[part] = data.draw(_entity(there, kind, owner), label=part)
    inputs = _inputs(stage, data, action, there)
    key = data.draw(st.sampled_from([None] * 6 + ["one", "two"]), label="key")
    return Wish(Request(action.name, principal, input=inputs, **parts), key)


def _inputs(stage: Stage, data: st.DataObject, action: Action, there: dict[str, Entity]) -> dict[str, Any]:
    drawn = {}
    for name, spec in action.inputs.items():
        if spec.required or data.draw(st.booleans(), label=f"{name} given"):
            drawn[name] = data.draw(_value(stage, spec, spec.value, there), label=name)
    return drawn


def _value(stage: Stage, spec: Input, kind: FieldType, there: dict[str, Entity]) -> st.SearchStrategy[Any]:
    if kind.base == "ref":
        return _entity(there, str(kind.kind), None)
    if kind.base in ("list", "set") and kind.of is not None:
        # Each once; not by drawing again, since whether two ids are the same differs at each run.
        listed = st.lists(_value(stage, spec, kind.of, there), max_size=3)
        return listed.map(lambda drawn: list({repr(one): one for one in drawn}.values()))
    if kind.base == "event":
        # As with entities: what is drawn must not depend on ids.
        known = [*stage.events, fresh_id(NOON)]
        return st.integers(0, 99).map(lambda drawn: known[drawn % len(known)])
    if spec.name == "user":
        return st.sampled_from([one.id for one in stage.people])
    low, high = (None if bound is None else int(bound) for bound in (kind.minimum, kind.maximum))
    return {
        "text": _TEXTS,
        "boolean": st.booleans(),
        "integer": st.integers(low, high) if low is not None else st.integers(-3, 10),
        "enum": st.sampled_from(list(kind.values) or ["none"]),
        "timestamp": st.just("2026-01-01T00:00:00Z"),
    }.get(kind.base, st.none())


def _entity(there: dict[str, Entity], kind: str, owner: str | None) -> st.SearchStrategy[str]:
    """Draw mostly what fits; what is drawn does not depend on what is there, since ids and dice differ at each run."""
    fitting = sorted(key for key, one in there.items() if one.kind == kind)
    own = [key for key in fitting if owner is not None and there[key].owner == owner]
    odd = [*sorted(there), WORLD_ENTITY, fresh_id(NOON)]

    def picked(drawn: tuple[int, int]) -> str:
        some = next(
            one for one in ((own or fitting) if drawn[0] < 8 else [], fitting if drawn[0] < 9 else [], odd) if one
        )
        return some[drawn[1] % len(some)]

    return st.tuples(st.integers(0, 9), st.integers(0, 99)).map(picked)
