"""What the names in a pack's expressions stand for while an action is decided; not how expressions are evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from reality_engine.expressions.bindings import UNSET, Found, Path
from reality_engine.kernel.json import Plain
from reality_engine.rules.working import Working
from reality_engine.state.entity import Entity, unique_key


class Bound(NamedTuple):
    """A variable that stands for an entity, and still does when that was deleted; a ref then leads nowhere."""

    id: str


Variable: TypeAlias = "Plain | Bound"
_BESIDE_FIELDS: Final = frozenset({"id", "owner"})
_NOTHING: Final[Mapping[str, Plain]] = {}


@dataclass(slots=True)
class RuleBindings:
    """Variables over the working state; implements `expressions.bindings.Bindings`."""

    working: Working
    variables: dict[str, Variable] = field(default_factory=dict)

    def within(self, **more: Variable) -> "RuleBindings":
        """Return the same state seen with further variables, as inside of a `for_each`."""
        return RuleBindings(self.working, {**self.variables, **more})

    def named(self) -> dict[str, Plain]:
        """Return the variables as they are now, entities as their ids."""
        return {name: held.id if isinstance(held, Bound) else held for name, held in self.variables.items()}

    def value(self, path: Path) -> Found:
        """Return what a path holds now, UNSET where it has no value."""
        held, below = self.variables.get(path[0]), 1
        if isinstance(held, Bound):
            found = self.working.now.get(held.id) or self.working.entity(held.id)
            if found is None or len(path) == 1:
                return UNSET if found is None else found.id
            held, below = _member(found, path[1]), 2
        if below < len(path):
            held = self._follow(held, path[below:])
        return UNSET if held is None else held

    def fields(self, name: str) -> Mapping[str, Plain]:
        """Return what a variable has below it: an entity its fields, a record its members; nothing where it is none."""
        held = self.variables.get(name)
        if isinstance(held, Bound):
            found = self.working.now.get(held.id) or self.working.entity(held.id)
            return _NOTHING if found is None else found.fields
        return held if isinstance(held, dict) else _NOTHING

    def entity(self, path: Path) -> str | None:
        """Return the id of the entity that a path leads to, or None."""
        variable = self.variables.get(path[0])
        if isinstance(variable, Bound) and len(path) == 1:
            return variable.id
        held = self.value(path)
        return held if isinstance(held, str) else None

    def thing(self, path: Path) -> Entity | None:
        """Return the entity that a path leads to, or None."""
        held = self.variables.get(path[0])
        key = held.id if isinstance(held, Bound) and len(path) == 1 else self.entity(path)
        return self.working.entity(key) if key else None

    def walk(self, entity: str, path: Path) -> Found:
        """Return what a path that starts at an entity holds; a deleted entity holds nothing."""
        held = self._follow(entity, path)
        return UNSET if held is None else held

    def find(self, kind: str, field: str, key: Plain) -> str | None:
        """Return the id of the live entity with this value in a unique field, or None."""
        return self.working.find(kind, field, unique_key(key))

    def referring(self, entity: str, kind: str, field: str) -> Sequence[Mapping[str, Plain]]:
        """Return the fields of the live entities that refer to an entity, by id."""
        return [shown(other) for other in self.working.referring(entity, kind, field)]

    def _follow(self, held: Plain, path: Path) -> Plain:
        """Return what a path leads to from a value: into records, and through refs to what is live."""
        for name in path:
            if isinstance(held, dict):
                held = held.get(name)
                continue
            found = self.working.entity(held) if isinstance(held, str) else None
            held = _member(found, name) if found is not None and found.live else None
        return held


def _member(entity: Entity, name: str) -> Plain:
    if name not in _BESIDE_FIELDS:
        return entity.fields.get(name)
    return entity.id if name == "id" else entity.owner


def shown(entity: Entity) -> dict[str, Plain]:
    """Return an entity as the record that expressions see."""
    return {**entity.fields, "id": entity.id, **({"owner": entity.owner} if entity.owner else {})}
