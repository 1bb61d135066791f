"""Makes up what people do in a pair of worlds, and prefers what leaves traces that somebody may not see."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.people import Person
from reality_engine.app.proving.reference import sight_of
from reality_engine.app.proving.steps import BOTH, Act, Made
from reality_engine.app.proving.trial import Trial
from reality_engine.app.proving.values import Values
from reality_engine.packs.compiled import Action
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Create
from reality_engine.state.entity import Entity

_NEVER: Final = ("world.create", "world.delete", "member.accept")
_CORE_WEIGHT: Final = 0.15
_FAVOURITE: Final = 6.0
_TRIES: Final = 6


@dataclass
class Habits:
    """How often a way to make worlds differ kept it from somebody, by action, so that it is tried again."""

    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kept: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def weight(self, action: str) -> float:
        """Return how promising an action is."""
        return (self.kept[action] + 1) / (self.tried[action] + 2)


def makes(action: Action) -> bool:
    """Say whether an action makes things: done in one world alone, it puts one among those that are seen."""
    return any(isinstance(each, Create) for each, _ in every_effect(action.effects))


@dataclass
class Acting:
    """Makes up acts for one trial. `protected` are those for whom the worlds are to stay alike.

    `favourites` are done more often than other actions: things of one kind only come to lie beside each other where
    there are several.
    """

    trial: Trial
    picker: Picker
    habits: Habits
    protected: list[Person]
    favourites: frozenset[str] = frozenset()

    @property
    def values(self) -> Values:
        """Makes up the inputs."""
        return Values(self.picker, self.trial.twins)

    def same(self, key: int) -> Act | None:
        """Return something that is done in both worlds alike."""
        for _ in range(_TRIES):
            act = self.act(key, self._somebody(protected=3.0))
            if act is not None and (self._keeps(act) or self.picker.often(10)):
                return act
        return None

    def different(self, key: int, near: Made | None = None) -> Act | None:
        """Return something that is done in one world alone, or otherwise in one, and not seen by the protected.

        It is done to what is `near`, where that can be.
        """
        for _ in range(_TRIES):
            act = self.act(key, self._somebody(protected=0.5), varied=True, near=near)
            varied = None if act is None else self._varied(act)
            if varied is None:
                continue
            self.habits.tried[varied.action] += 1
            if self._keeps(varied):
                self.habits.kept[varied.action] += 1
                return varied
        return None

    def act(self, key: int, who: Person, *, varied: bool = False, near: Made | None = None) -> Act | None:
        """Return something that somebody does; None where they lack what it takes."""
        actions = [action for name, action in self.trial.twins.pack.actions.items() if name not in _NEVER]
        actions = [one for one in actions if near is not None and one.target == near.kind] or actions
        weights = [(action, self._weight(action, varied=varied)) for action in actions]
        action = self.picker.weighted(weights)
        names = self.trial.twins["A"].names
        parts: dict[str, Made | None] = {"actor": None, "target": None}
        for part, kind in (("actor", action.actor), ("target", action.target)):
            if kind is None:
                continue
            fitting = self._live(kind)
            own = [one for one in fitting if one.owner == who.principal.id]
            chosen = own if part == "actor" or (own and self.picker.often(50)) else fitting
            if not chosen:
                return None
            parts[part] = names[self.picker.one(chosen[-6:]).id]
        if near is not None and parts["target"] is not None and parts["target"].kind == near.kind:
            parts["target"] = near
        inputs = self._inputs(action)
        return None if inputs is None else Act(key, who.name, action.name, parts["actor"], parts["target"], inputs)

    def _live(self, kind: str | None) -> list[Entity]:
        return [one for one in self.trial.twins["A"].record.entities.values() if one.kind == kind and one.live]

    def _weight(self, action: Action, *, varied: bool) -> float:
        weight = self.habits.weight(action.name) if varied else 1.0
        weight *= _FAVOURITE if action.name in self.favourites else 1.0
        return weight * (_CORE_WEIGHT if action.core else 1.0)

    def _inputs(self, action: Action) -> dict[str, Any] | None:
        inputs: dict[str, Any] = {}
        for name, spec in action.inputs.items():
            if spec.required or self.picker.often(60):
                value = self.values.of(name, spec.value)
                if value is not None:
                    inputs[name] = value
                elif spec.required:
                    return None
        return inputs

    def _somebody(self, protected: float = 1.0) -> Person:
        """Return somebody; the protected do what they are to see, and others what they are not."""
        people = [*self.trial.twins.people.values()]
        weights = [4.0 * (protected if one in self.protected else 1.0) if one.role else 0.2 for one in people]
        return self.picker.weighted(list(zip(people, weights, strict=True)))

    def _varied(self, act: Act) -> Act | None:
        action, names = self.trial.twins.pack.actions[act.action], self.trial.twins["A"].names
        if act.actor is None and self.picker.often(15):
            someone = self._somebody().name
            return replace(act, instead=someone) if someone != act.who else None
        if action.target is not None and self.picker.often(15):
            other = names[self.picker.one(self._live(action.target)[-6:]).id]
            return replace(act, elsewhere=other) if other != act.target else None
        if not act.inputs or self.picker.often(75 if makes(action) else 40):
            return replace(act, only=self.picker.one(BOTH))
        name = self.picker.one(list(act.inputs))
        value = self.values.other(name, action.inputs[name].value, act.inputs[name])
        return None if value is None else replace(act, otherwise={**act.inputs, name: value})

    def _keeps(self, act: Act) -> bool:
        """Say whether an act happens, and leaves the worlds alike to the protected."""
        records = {name: self.trial.twins.foreseen(act, name) for name in BOTH}
        if any(record is None for record in records.values()):
            return False
        for viewer in self.protected:
            names = {name: self.trial.talk(viewer).names[name].copy() for name in BOTH}
            sights = {name: sight_of(record, viewer.principal) for name, record in records.items() if record}
            if names["A"].rename(sights["A"].text()) != names["B"].rename(sights["B"].text()):
                return False
        return True
