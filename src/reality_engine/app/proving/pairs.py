"""One pair of worlds: sets the scene, lets people act and viewers ask, and writes down every step; judges nothing."""

from dataclasses import dataclass, field
from typing import Final

from reality_engine.app.proving.acting import Acting, Habits, makes
from reality_engine.app.proving.asking import Asking
from reality_engine.app.proving.endpoints import Endpoint
from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.finding import Finding, Outcome
from reality_engine.app.proving.hidden import hidden_beside
from reality_engine.app.proving.people import ONE_WHO_LEFT, Person
from reality_engine.app.proving.steps import Act, Ask, Someone, Step
from reality_engine.app.proving.trial import Trial
from reality_engine.kernel.json import Plain

# How many steps a pair has before anybody asks, and how many requests one talk has.
_ACTS: Final = (10, 20)
_REQUESTS: Final = (3, 5)
_TALKS: Final = 12
# There is less to ask for somebody who is no member, and hardly anything where they may not even enter.
_TALKS_OUTSIDE: Final = 3
_FAVOURITES: Final = 4
# Of a hundred requests, so many read; the last ones ask the same twice, and the very last bring about a conflict.
_READS, _TWICE, _CONFLICTS = 70, 90, 96


@dataclass
class Tally:
    """What was tried: a case is a pair, a viewer and some requests where hidden data that differs lay beside them."""

    pairs: int = 0
    talks: int = 0
    cases: int = 0
    requests: int = 0
    beside: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)


@dataclass
class PairOfWorlds:
    """A trial whose script comes about while it is played."""

    trial: Trial
    picker: Picker
    endpoints: list[Endpoint]
    habits: Habits
    tally: Tally
    steps: list[Step] = field(default_factory=list)
    key: int = 0
    favourites: frozenset[str] = frozenset()

    def settings(self) -> dict[str, Plain]:
        """Return what both worlds begin with."""
        joining = "open" if self.picker.often(40) else "closed"
        return {"title": "A world", "public": self.picker.often(55), "joining": joining}

    async def run(self) -> Finding | None:
        """Play all of it; returns the first leak."""
        self.tally.pairs += 1
        self.favourites = self._favourites()
        found = await self._people() or await self._scene()
        viewers = list(self.trial.viewers)
        while viewers and found is None:
            viewer = viewers.pop(self.picker.below(len(viewers)))
            for _ in range(self._talks(viewer)):
                found = found or await self._talk(viewer)
        return found

    def _talks(self, viewer: Person) -> int:
        if viewer.role:
            return _TALKS
        return self.picker.below(_TALKS if self.trial.sights(viewer)["A"].enters else _TALKS_OUTSIDE)

    def _favourites(self) -> frozenset[str]:
        """Return some actions, half of them such as make things."""
        actions = [action for action in self.trial.twins.pack.actions.values() if not action.core]
        making = [one for one in actions if makes(one)]
        chosen = [self.picker.one(some).name for some in (making, actions) if some for _ in range(_FAVOURITES // 2)]
        return frozenset(chosen)

    async def _people(self) -> Finding | None:
        creator, *others = self.trial.twins.people.values()
        for person in others:
            if person.role or person.name == ONE_WHO_LEFT:
                inputs = {"user": Someone(person.name), "name": person.principal.name}
                roles = {"roles": [person.role]} if person.role else {}
                found = await self._do(Act(self._next(), creator.name, "member.add", inputs={**inputs, **roles}))
                if found is not None:
                    return found
        return None

    async def _scene(self) -> Finding | None:
        protected = self._protected()
        acting = self._acting(protected)
        number = self.picker.between(*_ACTS)
        leaving = self.picker.below(number)
        for turn in range(number):
            act = acting.different(self._next()) if self.picker.often(55) else acting.same(self._next())
            found = await self._do(act) if act is not None else None
            if found is None and turn == leaving:
                found = await self._leave()
            if found is not None:
                return found
        return None

    async def _leave(self) -> Finding | None:
        """Let the one leave who is to have left."""
        twin = self.trial.twins["A"]
        user = self.trial.twins.people[ONE_WHO_LEFT].principal.id
        member = next((one for one in twin.record.entities.values() if one.get("user") == user and one.live), None)
        if member is None:
            return None
        creator = next(iter(self.trial.twins.people))
        return await self._do(Act(self._next(), creator, "member.remove", target=twin.names[member.id]))

    async def _talk(self, viewer: Person) -> Finding | None:
        sights = self.trial.sights(viewer)
        if not self.trial.alike(viewer, sights):
            return None
        hidden = hidden_beside(self.trial.twins, sights)
        if not hidden:
            return None
        acting = self._acting([viewer])
        asking = Asking(self.trial, self.picker, self.endpoints, acting, viewer, hidden)
        beside: set[str] = set()
        for _ in range(self.picker.between(*_REQUESTS)):
            for step in self._requests(asking, acting):
                found = await self._do(step)
                if found is not None:
                    return found
                beside |= hidden.beside(step) if isinstance(step, Ask) else set()
        self._count(beside, enters=sights["A"].enters)
        return None

    def _requests(self, asking: Asking, acting: Acting) -> list[Step]:
        drawn = self.picker.below(100)
        if drawn < _READS:
            return [asking.ask(self._next())]
        if drawn >= _CONFLICTS:
            return asking.conflict(iter(self._next, None))
        if drawn >= _TWICE:
            return asking.again(iter(self._next, None))
        step = acting.different(self._next()) if drawn % 2 else asking.act(self._next(), preview=drawn % 4 == 0)
        return [] if step is None else [step]

    def _count(self, beside: set[str], *, enters: bool) -> None:
        self.tally.talks += 1
        if enters and beside:
            self.tally.cases += 1
            for what in beside:
                self.tally.beside[what] = self.tally.beside.get(what, 0) + 1

    def _protected(self) -> list[Person]:
        viewers = self.trial.viewers
        entering = [one for one in viewers if self.trial.sights(one)["A"].enters]
        # Members have more to see, and so more from which hidden things are to be told.
        weights = [(one, 3.0 if one.role else 1.0) for one in entering or viewers]
        return [self.picker.weighted(weights) for _ in range(self.picker.between(1, 3))]

    def _acting(self, protected: list[Person]) -> Acting:
        return Acting(self.trial, self.picker, self.habits, protected, self.favourites)

    def _next(self) -> int:
        self.key += 1
        return self.key

    async def _do(self, step: Step) -> Finding | None:
        self.steps.append(step)
        if isinstance(step, Act):
            found = await self.trial.act(step)
        else:
            self.tally.requests += 1
            found = await self.trial.ask(step)
        if found is not None:
            self.tally.outcomes[found.outcome.value] = self.tally.outcomes.get(found.outcome.value, 0) + 1
        return found if found is not None and found.outcome is Outcome.LEAK else None
