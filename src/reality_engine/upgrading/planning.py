"""Works out what an upgrade of a world comes to, by going through every entity that it may concern; writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Recorded
from reality_engine.eventlog.ruling import UPGRADED
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.closing import Closing
from reality_engine.state import repository as state
from reality_engine.state.entity import Entity
from reality_engine.upgrading.comparing import differences
from reality_engine.upgrading.courses import Course, courses, dropped
from reality_engine.upgrading.migrating import Migrating
from reality_engine.upgrading.names import Between
from reality_engine.upgrading.opening import FormerNames, Opening
from reality_engine.upgrading.plan import Happening, MovedAudience, Plan, Version
from reality_engine.upgrading.problems import Refusals

RENAMED = "renamed"


@dataclass
class Working:
    """An upgrade that is worked out or done: the same code tells what would happen and has it happen."""

    between: Between
    refusals: Refusals
    ways: dict[str, Course]
    opening: Opening
    migrating: Migrating
    seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, old: CompiledPack, new: CompiledPack) -> "Working":
        """Compare two versions, and tell what can be told to be wrong without a world."""
        between, refusals = Between.of(old, new), Refusals()
        if old.name != new.name:
            refusals.add("another_pack", f"{new.name} is another pack than {old.name}")
        gone = dropped(between, refusals)
        ways = courses(between, refusals)
        opening = Opening.of(between, ways.values())
        opening.check(refusals)
        return cls(between, refusals, ways, opening, Migrating(between, ways, gone, refusals))

    async def changed(self, unit: ReadUnit, world: str) -> AsyncIterator[list[Recorded]]:
        """Yield what becomes of the entities of a world, page by page; what is wrong is told."""
        after: str | None = None
        while page := await state.page_with_secrets(unit, world, self.migrating.kinds, after):
            after = max(page)
            wanted = {key for entity in page.values() for key in self.migrating.wanted(entity)}
            there = await state.entities_with_secrets(unit, world, wanted) if wanted else {}
            yield await asyncio.to_thread(self._page, list(page.values()), there)
        self._conclude()

    def _page(self, page: Sequence[Entity], there: dict[str, Entity]) -> list[Recorded]:
        owners = {key: one.owner for key, one in there.items()}
        found: list[Recorded] = []
        for entity in page:
            made, changes = self.migrating.migrate(entity, owners)
            found += changes
            course = self.ways.get(entity.kind)
            if course is not None:
                self.opening.check_entity(course, entity, made, self.refusals)
        return found

    def _conclude(self) -> None:
        if "member" in self.ways and not self.migrating.managers:
            self.refusals.add("last_manager", "nobody would manage the world any more")


async def plan(unit: ReadUnit, world: str, old: CompiledPack, new: CompiledPack) -> Plan:
    """Return what the upgrade of a world comes to, with everything that stands in its way."""
    versions = (Version(old.name, old.version, old.digest), Version(new.name, new.version, new.digest))
    if old.digest == new.digest:
        return Plan(*versions)
    working = await asyncio.to_thread(Working.of, old, new)
    async for _ in working.changed(unit, world):
        pass
    return told(working, await state.counts(unit, world))


def told(working: Working, counted: dict[str, int]) -> Plan:
    """Tell what was worked out."""
    old, new = working.between.old, working.between.new
    happens = working.migrating.happens.items()
    return Plan(
        Version(old.name, old.version, old.digest),
        Version(new.name, new.version, new.digest),
        differences(working.between),
        counted,
        tuple(Happening(kind, name, what, many) for (kind, name, what), many in happens),
        tuple(MovedAudience(one, working.opening.declared(one.path)) for one in working.opening.moved),
        working.refusals.problems(),
    )


async def closed(unit: ReadUnit, world: str, working: Working) -> dict[str, Closing]:
    """Return which past states the upgrade closes, whatever their fields were called then."""
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for event in await eventlog.events_of_type(unit, world, UPGRADED):
        known = _renamed(known, event.input.get(RENAMED))
    return working.opening.closes(working.ways.values(), FormerNames(known))


def renamed(working: Working) -> dict[str, dict[str, str]]:
    """Return what the event of an upgrade records of fields that are called otherwise: by kind, as it is called now."""
    return {
        f"{way.before.name} {way.after.name}": {old: new for old, new in way.renamed.items() if old != new}
        for way in working.ways.values()
        if way.before.name != way.after.name or any(old != new for old, new in way.renamed.items())
    }


def _renamed(known: dict[tuple[str, str], tuple[str, ...]], told: object) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the names that fields had, after an upgrade that called some otherwise."""
    for kinds, names in told.items() if isinstance(told, dict) else ():
        before, _, after = kinds.partition(" ")
        moved = {(kind, name): had for (kind, name), had in known.items() if kind == before}
        known = {place: had for place, had in known.items() if place[0] != before}
        known |= {(after, names.get(name, name)): had for (_, name), had in moved.items()}
        for old, new in names.items():
            known[after, new] = tuple(dict.fromkeys((*known.get((after, new), ()), old)))
    return known
