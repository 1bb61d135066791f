"""The world of one test, in memory: founds it, performs steps, and keeps what comes of them; judges nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from reality_engine.eventlog.event import Event
from reality_engine.kernel.chance import ScriptedChance, SeededChance
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Create, Ensure
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Decision, Deferred, DraftEvent, Refused, Request
from reality_engine.rules.facts import WholeWorld
from reality_engine.rules.naming import events_named_by
from reality_engine.scenarios.cast import Cast, matching
from reality_engine.scenarios.definitions import Given, Step
from reality_engine.scenarios.outcome import FailureError
from reality_engine.scenarios.sight import hidden_from, may_enter, scope_in
from reality_engine.state.entity import LIFE, Change, Entity
from reality_engine.state.fold import fold
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.wholeness import not_all_seen

_PAUSE: Final = timedelta(minutes=1)


@dataclass
class Stage:
    """A world in memory with its cast. `heads` are the keys that see the head of each event now."""

    pack: CompiledPack
    moment: datetime
    cast: Cast = field(default_factory=Cast)
    entities: dict[str, Entity] = field(default_factory=dict)
    heads: dict[str, frozenset[str]] = field(default_factory=dict)
    log: dict[str, Event] = field(default_factory=dict)
    steps: int = 0

    def perform(self, step: Step) -> Accepted | Refused:
        """Perform a step; what needs an approval counts as refused, as it is by the engine."""
        self.moment = _moment(step.at, "at") if step.at is not None else self.moment + _PAUSE
        actor = self.cast.entity(step.actor, "actor") if step.actor is not None else None
        target = self.cast.entity(step.target, "target") if step.target is not None else None
        person = self.cast.person(step.as_, "as")
        request = Request(step.do, person, actor, target, self._inputs(step), step.occurred_at)
        if not may_enter(self.entities, person):
            return Refused("not_found", "there is no such world")
        scope = scope_in(self.pack, self.entities, person)
        hidden = hidden_from(scope, self.pack, self.entities, request) | self._hidden_events(scope, request)
        unseen = not_all_seen(scope, self._facts(), request)
        decision = self._decide(replace(request, hidden=hidden, unseen=unseen), step.dice)
        if isinstance(decision, Accepted):
            self._bind(step, decision)
        return decision

    def _hidden_events(self, scope: Scope, request: Request) -> frozenset[str]:
        named = events_named_by(self.pack.actions.get(request.action), request)
        return frozenset(key for key in named if key not in self.heads or not sees(scope, self.heads[key]))

    def _facts(self) -> WholeWorld:
        return WholeWorld(self.pack, dict(self.entities), dict(self.heads), self.log)

    def _inputs(self, step: Step) -> dict[str, Plain]:
        action = self.pack.actions.get(step.do)
        specs = action.inputs if action else {}
        return {
            name: self.cast.meant(value, specs[name].value if name in specs else None)
            for name, value in step.input.items()
        }

    def _decide(self, request: Request, dice: list[int]) -> Accepted | Refused:
        self.steps += 1
        chance = ScriptedChance(dice, SeededChance(f"step {self.steps}".encode()))
        try:
            decision: Decision = decide(self.pack, request, self._facts(), self.moment, chance)
        except ValueError as error:
            raise FailureError(str(error), "dice") from error
        if isinstance(decision, Deferred):
            return Refused("approval_required", f"this needs the approval of {', '.join(sorted(decision.roles))}")
        if isinstance(decision, Accepted) and chance.left:
            left = ", ".join(map(str, chance.left))
            raise FailureError(f"not all of the dice were rolled; left over: {left}", "dice")
        if isinstance(decision, Accepted):
            for event in decision.events:
                self.entities.update(fold(self.entities, [each.change for each in event.changes]))
                self.heads[event.id] = event.keys
                self.heads.update({moved.event: moved.after for moved in event.moved})
                self.log[event.id] = self._recorded(event, decision.events[0].id, request.principal)
            return decision
        if not isinstance(decision, Refused):
            raise FailureError("the decision lacks facts")
        return decision

    def _recorded(self, draft: DraftEvent, correlation: str, who: Principal) -> Event:
        """Return what an undo may ask of an event."""
        return Event(
            id=draft.id, position=len(self.log) + 1, type=draft.type, recorded_at=self.moment, correlation=correlation,
            depth=draft.depth, pack=self.pack.digest, principal_kind=str(who.kind), principal=who.id,
            credential=None, keys=draft.keys, action=draft.action, rule=draft.rule, target=draft.target,
            changes=draft.changes, data=draft.data, moved=draft.moved,
        )  # fmt: skip

    def found(self, given: Given) -> None:
        """Make the world and its members, and find the entities that the test gives names to."""
        for name in (*given.members, *given.strangers):
            self.cast.admit(name, self.moment)
        creator, *others = given.members
        self._setup("world.create", self.cast.people[creator], {"title": "A test", **given.world}, founding=True)
        for name in others:
            self._add(name, given.members[name], self.cast.people[creator])
        for name in given.members:
            (self.cast.entities[name],) = matching({"user": self.cast.people[name].id}, "member", self.entities)
        self._give_roles(creator, given)
        for name, wanted in given.names.items():
            self.cast.entities[name] = self._named(name, wanted)

    def _add(self, name: str, roles: list[str] | None, creator: Principal) -> None:
        inputs: dict[str, Plain] = {"user": self.cast.people[name].id, "name": name}
        self._setup("member.add", creator, inputs if roles is None else {**inputs, "roles": list(roles)}, name)

    def _give_roles(self, creator: str, given: Given) -> None:
        roles = given.members[creator]
        if roles is not None and roles != self.entities[self.cast.entities[creator]].get("roles"):
            target = self.cast.entities[creator]
            self._setup("member.roles", self.cast.people[creator], {"roles": list(roles)}, creator, target=target)

    def _setup(
        self, action: str, who: Principal, inputs: dict[str, Plain], member: str = "", *, target: str | None = None,
        founding: bool = False,
    ) -> None:  # fmt: skip
        made = self._decide(Request(action, who, target=target, input=inputs, founding=founding), [])
        if isinstance(made, Refused):
            steps = ("given", "world") if founding else ("given", "members", member)
            raise FailureError(f"the world cannot be set up: {made.message}", *steps)

    def _named(self, name: str, wanted: dict[str, dict[str, Plain]]) -> str:
        for kind, values in wanted.items():
            spec = self.pack.kinds.get(kind)
            meant = {
                key: self.cast.meant(value, spec.fields[key].value if spec and key in spec.fields else None)
                for key, value in values.items()
            }
            found = matching(meant, kind, self.entities)
            if len(found) == 1 and len(wanted) == 1:
                return found[0]
        raise FailureError(f"'{name}' must be the one entity of a kind with these values", "given", "names", name)

    def _bind(self, step: Step, accepted: Accepted) -> None:
        for name, kind in step.bind_events.items():
            fitting_events = [event.id for event in accepted.events if event.type == kind]
            if len(fitting_events) != 1:
                types = ", ".join(event.type for event in accepted.events)
                raise FailureError(f"'{name}' must stand for one event, but there were: {types}", "bind_events", name)
            self.cast.events[name] = fitting_events[0]
        own, every = _made(accepted.events[:1]), _made(accepted.events)
        for name, what in step.bind.items():
            kind = _kind_of(self.pack, step.do, what)
            fitting = ([each.entity for each in made if kind in ("", each.kind)] for made in (own, every))
            found = next((keys for keys in fitting if len(keys) == 1), None)
            if found is None:
                told = ", ".join(each.kind for each in every) or "nothing"
                raise FailureError(f"'{name}' must stand for one entity, but the action made: {told}", "bind")
            self.cast.entities[name] = found[0]


def _made(events: Iterable[DraftEvent]) -> list[Change]:
    changes = (each.change for event in events for each in event.changes)
    return [change for change in changes if change.field == LIFE and change.before is None]


def _kind_of(pack: CompiledPack, action: str, what: str) -> str:
    """Return the kind that `what` says: a kind, or the name by which the action calls what it creates."""
    for effect, _ in every_effect(pack.actions[action].effects):
        create = effect.create if isinstance(effect, Ensure) else effect
        if isinstance(create, Create) and create.name == what:
            return create.kind
    return what


def clock_of(given: Given) -> datetime:
    """Return when a world is made."""
    return _moment(given.clock, "given", "clock")


def _moment(text: str, *steps: str) -> datetime:
    try:
        return from_text(text)
    except ValueError as error:
        raise FailureError(f"'{text}' is not a moment such as 2026-05-01T18:00:00Z", *steps) from error
