"""The two worlds of a trial, played step by step through the real engine; not what anybody may see of them."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Final

from reality_engine.actions import service as acting
from reality_engine.actions.events import events_of, next_moment
from reality_engine.actions.wish import Wish
from reality_engine.app.proving.house import House
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.record import Record
from reality_engine.app.proving.steps import Act, Happened, Made, Named, Someone, WorldName, resolved
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.reading import event_of
from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Decision, Request
from reality_engine.rules.facts import WholeWorld
from reality_engine.rules.naming import events_named_by
from reality_engine.scenarios.sight import hidden_from, may_enter, scope_in
from reality_engine.state.entity import LIFE
from reality_engine.visibility.audience import sees
from reality_engine.visibility.wholeness import not_all_seen
from reality_engine.worlds import service as worlds
from reality_engine.worlds.service import NewWorld

# An id that nothing has: what a name stands for where its step did not happen.
NOTHING: Final = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"


@dataclass
class Twin:
    """One of the two worlds: its id, its record, and what names stand for in it."""

    name: WorldName
    id: str
    record: Record
    made: dict[tuple[int, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    happened: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, Made] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)

    def learn(self, step: int, events: list[Event]) -> None:
        """Take in what a step has done."""
        for event in events:
            self.happened[step].append(event.id)
            for change in (recorded.change for recorded in event.changes):
                if change.field == LIFE and change.before is None:
                    here = self.made[step, change.kind]
                    self.names[change.entity] = Made(step, change.kind, len(here))
                    here.append(change.entity)
        self.record.play(events)


@dataclass
class Twins:
    """Two worlds with the same people, which begin alike."""

    house: House
    pack: CompiledPack
    people: dict[str, Person]
    both: dict[WorldName, Twin] = field(default_factory=dict)

    def __getitem__(self, name: WorldName) -> Twin:
        return self.both[name]

    async def found(self, settings: dict[str, Plain]) -> None:
        """Make both worlds, by the first of the people."""
        creator = next(iter(self.people.values()))
        self.house.turn(0)
        for name in ("A", "B"):
            async with self.house.units.write() as unit:
                new = NewWorld(self.pack.name, self.pack.version, settings)
                packs, now = self.house.actions.packs, self.house.clock.now()
                made = await worlds.create(unit, new, creator.principal, packs, now, self.house.fate())
                await unit.commit()
            self.both[name] = Twin(name, made.id, Record(self.pack))
            await self.catch_up(name, 0)

    def meaning(self, named: Named, world: WorldName) -> str:
        """Return what a name stands for in one of the worlds."""
        if isinstance(named, Someone):
            return self.people[named.name].principal.id
        if isinstance(named, Made):
            found = self.both[named.world or world].made.get((named.step, named.kind), [])
            return found[named.number] if named.number < len(found) else NOTHING
        if isinstance(named, Happened):
            events = self.both[named.world or world].happened.get(named.step, [])
            return events[named.number] if named.number < len(events) else NOTHING
        return NOTHING

    def request(self, act: Act, world: WorldName) -> Request:
        """Return what is asked for in one of the worlds."""
        named = [act.actor, act.aim(world), act.given(world)]
        actor, target, inputs = resolved(named, lambda it: self.meaning(it, world))
        return Request(act.action, self.people[act.by(world)].principal, actor, target, inputs)

    async def perform(self, act: Act) -> None:
        """Let somebody act."""
        self.house.turn(act.key)
        for name in ("A", "B"):
            if act.only in (None, name):
                self.both[name].outcomes[act.key] = await self._submit(name, self.request(act, name))
                await self.catch_up(name, act.key)

    async def _submit(self, world: WorldName, request: Request) -> str:
        try:
            answer = await acting.submit(self.house.actions, self.both[world].id, Wish(request))
        except RealityError as error:
            return error.message
        return "" if answer.accepted else str(answer.message)

    async def catch_up(self, name: WorldName, step: int) -> list[Event]:
        """Read what the log has more than is known of it."""
        twin = self.both[name]
        async with self.house.units.read() as unit:
            stored = eventlog.stored_events(unit, twin.id, len(twin.record.events))
            events = [event_of(row) async for row in stored]
        twin.learn(step, events)
        return events

    def foreseen(self, act: Act, name: WorldName) -> Record | None:
        """Return what a world would become; None where nothing would happen."""
        record = self.both[name].record
        if act.only not in (None, name):
            return record
        decision = self.decided(act, name)
        if not isinstance(decision, Accepted):
            return None
        head, principal = _head(record), self.request(act, name).principal
        now = next_moment(head, self.house.clock.now())
        return record.foreseen(events_of(decision.events, head, self.pack.digest, principal, now))

    def decided(self, act: Act, name: WorldName, *, explain: bool = False) -> Decision | None:
        """Return what the rules say of an act in one of the worlds; None where nobody is asked who may not enter."""
        record, request = self.both[name].record, self.request(act, name)
        if not may_enter(record.entities, request.principal):
            return None
        self.house.turn(act.key)
        scope = scope_in(self.pack, record.entities, request.principal)
        events = events_named_by(self.pack.actions.get(request.action), request)
        unknown = {key for key in events if key not in record.heads or not sees(scope, record.heads[key])}
        hidden = hidden_from(scope, self.pack, record.entities, request) | unknown
        facts = WholeWorld(self.pack, record.entities, record.heads, {event.id: event for event in record.events})
        unseen = not_all_seen(scope, facts, request)
        request = replace(request, hidden=hidden, unseen=unseen, explain=explain)
        now = next_moment(_head(record), self.house.clock.now())
        return decide(self.pack, request, facts, now, self.house.fate()())


def _head(record: Record) -> Head:
    last = record.events[-1]
    return Head(last.position, b"", 0, record.pack.digest, last.recorded_at)
