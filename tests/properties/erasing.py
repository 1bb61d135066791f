"""Worlds in which everybody says things that are known again, and what is left of these; not what is promised of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from hypothesis import strategies as st

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.erasure.service import Erasures
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.rules.decision import Request
from reality_engine.worlds import service as worlds
from tests.properties.stage import Stage
from tests.tables import dump

# Who acts: Gia keeps the world, Mira is to be erased, Pia stays.
GIA, MIRA, PIA = range(3)
NAMED = ("giaqz", "miraqz", "piaqz")
MINE = NAMED[MIRA]


class DiedError(Exception):
    """The process has died, as far as one can tell."""


class Interrupting(Units):
    """Units of which only so many can be opened to write by."""

    def __init__(self, units: Units, left: int) -> None:
        """Share what another one has."""
        self.__dict__ = units.__dict__
        self.left = left

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteUnit]:
        """Open one, or die."""
        if not self.left:
            raise DiedError
        self.left -= 1
        async with super().write() as unit:
            yield unit


def erasures(stage: Stage, units: Units | None = None) -> Erasures:
    """Return what erases on a stage."""
    return Erasures(units or stage.units, stage.actions.packs, stage.clock, settle=0)


class Telling:
    """Texts that tell who is spoken of, each another one."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count = 0

    def of(self, who: int) -> str:
        """Return the next text of somebody."""
        self._count += 1
        return f"{NAMED[who]}{self._count} the {self._count}th"


async def founded(stage: Stage, telling: Telling) -> str:
    """Make a world in which everybody has a soul."""
    new = worlds.NewWorld("diary", "1.0.0", {"title": "Tuesdays", "joining": "open"})
    async with stage.units.write() as unit:
        made = await worlds.create(unit, new, stage.people[GIA], stage.actions.packs, stage.clock.now(), stage.turns())
        await unit.commit()
    for who in (MIRA, PIA):
        await acting.submit(stage.actions, made.id, Wish(Request("member.join", stage.people[who])))
    for who in (GIA, MIRA, PIA):
        given = {"name": telling.of(who), "alias": telling.of(who)}
        answer = await acting.submit(stage.actions, made.id, Wish(Request("arrive", stage.people[who], input=given)))
        assert answer.accepted, answer
    return made.id


class Step(NamedTuple):
    """Who does what, to the soul of which number, under which key."""

    who: int
    action: str
    target: int
    key: str | None


_ACTIONS = ("arrive", "rename", "christen", "confess", "greet", "calm", "give", "unveil", "veil", "rest")
STEPS = st.builds(
    Step,
    st.sampled_from([GIA, MIRA, MIRA, PIA]),
    st.sampled_from([*_ACTIONS, "confess", "greet", "greet", "rename", "christen"]),
    st.integers(0, 9),
    st.sampled_from([None, "one", "two"]),
)


async def told(stage: Stage, world: str, step: Step, telling: Telling) -> None:
    """Have somebody do something in which texts are said, of whom it is about."""
    there = await stage.entities(world)
    souls = sorted(key for key, one in there.items() if one.kind == "soul")
    target, who = souls[step.target % len(souls)], step.who
    by_id = {one.id: who for who, one in enumerate(stage.people)}
    own = [key for key in souls if there[key].owner == stage.people[who].id and there[key].live]
    actor = own[0] if own else target
    about = by_id.get(there[target].owner or "", GIA)
    requests: dict[str, dict[str, Any]] = {
        "arrive": {"input": {"name": telling.of(who)}},
        "rename": {"actor": actor, "input": {"name": telling.of(who)}},
        "christen": {"target": target, "input": {"name": telling.of(about), "alias": telling.of(about)}},
        "confess": {"actor": actor, "input": {"habit": telling.of(who), "age": 42}},
        "greet": {"actor": actor, "target": target},
        "calm": {"target": target, "input": {"mood": "cross"}},
        "give": {"actor": actor, "input": {"user": stage.people[(who + 1) % 3].id}},
        "unveil": {"actor": actor},
        "veil": {"actor": actor},
        "rest": {"actor": actor},
    }
    request = Request(step.action, stage.people[who], **requests[step.action])
    with suppress(NotFoundError, InvalidError):
        await stage.act(world, Wish(request, f"{step.key}-{telling.of(GIA)}" if step.key else None))


async def rows_with(units: Units, text: str) -> list[str]:
    """Return the rows of any table in which a text stands, in whatever case, or as bytes."""
    found = []
    for table, rows in (await dump(units)).items():
        found += [f"{table}: {row}" for row in rows if text in repr(row).lower()]
    return found
