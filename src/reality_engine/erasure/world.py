"""Erases a person from one world: in steps of one transaction each, after every one of which log and state agree.

What is to be erased is looked for without holding up anybody. Each step takes the values of some entities, or of some
events, out of the log, and makes anew what viewers read of these; the last one appends the event that says so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from reality_engine.actions.appending import hold
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.erasure.belonging import Run
from reality_engine.erasure.kept_answers import tell_anew
from reality_engine.erasure.scanning import Scan, places_of
from reality_engine.erasure.speech import Values
from reality_engine.erasure.telling import Erased, draft_of, is_untold, told_by
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.erasing import Spared, begin_epoch, spared, take_out
from reality_engine.eventlog.event import Head
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.principal import Principal
from reality_engine.packs.cache import PackCache
from reality_engine.projection.anew import make_anew, show_anew
from reality_engine.projection.rebuild import abandon
from reality_engine.state.held import Held

# So many events are told anew in one step, and the history of entities in one has about so many events.
STEP: Final = 250
# Who is further behind than this looks again before it holds up others.
NEAR: Final = 200


@dataclass(frozen=True, slots=True)
class Erasing:
    """What erasing needs of the process, and in whose name it is done."""

    units: Units
    cache: PackCache
    clock: Clock
    by: Principal


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of the work: events in which something was said, or entities with the values that stood in them."""

    spoken: tuple[int, ...] = ()
    entities: frozenset[str] = frozenset()


class _Made(NamedTuple):
    """What is to be written for a step: events without values, and rows; and what entities come to."""

    batch: Batch
    events: Sequence[Spared]
    drops: Mapping[int, Collection[str]]
    held: Mapping[str, Held]


@dataclass
class WorldErasure:
    """The erasing of one person in one world; `values` are those known beforehand, such as the name of the account."""

    work: Erasing
    world: str
    person: str
    values: Values
    erased: Erased = field(default_factory=Erased)
    _held: dict[str, Held] = field(default_factory=dict)
    _done: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with nothing looked at."""
        self._scan = Scan(self.world, self.person, self.work.cache, self.values)

    async def look(self) -> Erased:
        """Say what there is to be erased; changes nothing."""
        async with self.work.units.read() as unit:
            await self._scan.read_on(unit)
        found, drops = Erased(left=self._left()), dict[int, set[str]]()
        for step in self._steps():
            for place, keys in self._drops(step).items():
                drops.setdefault(place, set()).update(keys)
        found.values = sum(len(keys) for keys in drops.values())
        found.events.update(drops)
        return found

    async def run(self) -> Erased:
        """Erase all that there is; raises NotFoundError, and IntegrityError where the log is not whole.

        It can be interrupted at any moment, and run again.
        """
        begun = self.work.clock.now()
        await self.look()
        await tell_anew(self.work.units, self._scan)
        for step in [*self._steps()]:
            await self._take(step)
        while not await self._conclude():
            async with self.work.units.read() as unit:
                await self._scan.read_on(unit)
            for step in [*self._steps()]:
                await self._take(step)
        await tell_anew(self.work.units, self._scan, begun)
        self.erased.left = self._left()
        return self.erased

    def _left(self) -> int:
        """Return how many values were written down before their field was personal, and cannot be erased."""
        return sum(1 for run in self._runs() for _, key in run.places if key is None and run.value is not None)

    def _runs(self) -> Sequence[Run]:
        return [*self._scan.belonging.ended, *self._scan.belonging.standing()]

    def _steps(self) -> Iterator[_Step]:
        """Yield what is left to be done, in parts."""
        spoken = sorted(place for place, keys in self._scan.drops.items() if self._undone(place, keys))
        for start in range(0, len(spoken), STEP):
            yield _Step(tuple(spoken[start : start + STEP]))
        waiting = self._waiting()
        while waiting:
            group, events = list[str](), 0
            while waiting and (not group or events < STEP):
                entity = min(waiting)
                events += len(self._scan.belonging.places[entity])
                group.append(entity)
                waiting.discard(entity)
            yield _Step(entities=frozenset(group))

    def _drops(self, step: _Step) -> Mapping[int, Collection[str]]:
        """Return what a step drops of which event, by what is known now: a value may have ended since the last look."""
        theirs = (run for run in self._runs() if run.entity in step.entities and run.value is not None)
        drops: dict[int, Collection[str]] = {place: self._scan.drops[place] for place in step.spoken}
        for place, keys in places_of(theirs).items():
            drops[place] = {*keys, *self._scan.drops.get(place, ())}
        return drops

    def _waiting(self) -> set[str]:
        """Return the entities with values that stand in the log yet, or whose state is still to be told otherwise."""
        waiting = {run.entity for run in self._runs() if self._is_there(run)}
        untold = {run.entity for run in self._scan.belonging.standing() if is_untold(self._scan, run)}
        return waiting | (untold - self._held.keys())

    def _is_there(self, run: Run) -> bool:
        return run.value is not None and any(key and self._undone(at, [key]) for at, key in run.places)

    def _undone(self, place: int, keys: Collection[str]) -> bool:
        return any((place, key) not in self._done for key in keys)

    async def _take(self, step: _Step) -> None:
        """Do one step: made beforehand where nobody meddles meanwhile, and else while others wait."""
        units = self.work.units
        async with units.read() as unit:
            before = await eventlog.get_head(unit, self.world)
            await self._scan.read_on(unit)
            made = await self._made(unit, step)
        async with units.write() as unit:
            head = await eventlog.lock_head(unit, self.world)
            if await self._meddled(unit, step, before, head):
                made = await self._made(unit, step)
            await abandon(unit, self.world)
            await take_out(unit, self.world, made.events)
            await apply(unit, made.batch)
            await begin_epoch(unit, self.world)
            # What a rebuild that was interrupted has made of the log still has the values.
            await abandon(unit, self.world)
            await unit.commit()
        self._done.update((place, key) for place, keys in made.drops.items() for key in keys)
        self._held.update(made.held)
        self.erased.values += sum(one.dropped for one in made.events)
        self.erased.events.update(made.drops)

    async def _meddled(self, unit: ReadUnit, step: _Step, before: Head, head: Head) -> bool:
        """Say whether what was made of a step may not hold any more, after reading what has happened since."""
        if head.epoch != before.epoch:
            await self._scan.read_on(unit)
            return True
        if head.position == before.position:
            return False
        await self._scan.read_on(unit)
        touched = any(self._scan.belonging.places[key][-1:] > [before.position] for key in step.entities)
        return touched or self._scan.moved > before.position

    async def _made(self, unit: ReadUnit, step: _Step) -> _Made:
        scan, batch, drops = self._scan, Batch(), self._drops(step)
        told = await spared(unit, self.world, drops, drops)
        for start in range(0, len(told), STEP):
            part = [one.event() for one in islice(told, start, start + STEP)]
            await show_anew(unit, batch, self.world, part)
        held: Mapping[str, Held] = {}
        if step.entities:
            history = await spared(unit, self.world, scan.history(step.entities), drops)
            events = (one.event() for one in history)
            held = await make_anew(unit, batch, self.world, events, step.entities, scan.packs)
        return _Made(batch, told, drops, held)

    async def _conclude(self) -> bool:
        """Do what came up meanwhile, and append the event that says what was erased; False where that is too much."""
        scan, work = self._scan, self.work
        async with work.units.write() as unit:
            log = await hold(unit, self.world, work.cache)
            if log.head.position - scan.position > NEAR:
                return False
            await scan.read_on(unit)
            if next(self._steps(), None) is not None:
                return False
            draft = draft_of(scan, log.pack, self._held, self.erased, work.clock.now())
            if draft is not None:
                await log.append([draft], work.by, work.clock.now(), epoch=True)
                await unit.commit()
                self.erased.told = told_by(draft)
        return True
