"""What the names in a pack's expressions stand for while an action is decided; not how expressions are evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reality_engine.expressions.bindings import UNSET, Found, Path
from reality_engine.kernel.json import Plain
from reality_engine.rules.working import Working
from reality_engine.state.entity import Entity, unique_key


@dataclass(frozen=True, slots=True)
class Bound:
    """A variable that stands for an entity, and still does when that was deleted; a ref then leads nowhere."""

    id: str


Variable: TypeAlias = "Plain | Bound"


@dataclass
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
        variable = self.variables.get(path[0])
        if not isinstance(variable, Bound):
            return self._inside(variable, path[1:])
        found = self.working.entity(variable.id)
        return UNSET if found is None else self._within(found, path[1:])

    def entity(self, path: Path) -> str | None:
        """Return the id of the entity that a path leads to, or None."""
        variable = self.variables.get(path[0])
        if isinstance(variable, Bound) and len(path) == 1:
            return variable.id
        held = self.value(path)
        return held if isinstance(held, str) else None

    def walk(self, entity: str, path: Path) -> Found:
        """Return what a path that starts at an entity holds; a deleted entity holds nothing."""
        found = self.working.entity(entity)
        return UNSET if found is None or not found.live else self._within(found, path)

    def find(self, kind: str, field: str, key: Plain) -> str | None:
        """Return the id of the live entity with this value in a unique field, or None."""
        return self.working.find(kind, field, unique_key(key))

    def referring(self, entity: str, kind: str, field: str) -> Sequence[Mapping[str, Plain]]:
        """Return the fields of the live entities that refer to an entity, by id."""
        return [shown(other) for other in self.working.referring(entity, kind, field)]

    def _within(self, found: Entity, path: Path) -> Found:
        return self._inside(_member(found, path[0]), path[1:]) if path else found.id

    def _inside(self, value: Plain, rest: Path) -> Found:
        for name in rest:
            if isinstance(value, dict):
                value = value.get(name)
                continue
            leads_to = self.working.entity(value) if isinstance(value, str) else None
            value = None if leads_to is None or not leads_to.live else _member(leads_to, name)
        return UNSET if value is None else value


def _member(entity: Entity, name: str) -> Plain:
    if name == "id":
        return entity.id
    return entity.owner if name == "owner" else entity.fields.get(name)


def shown(entity: Entity) -> dict[str, Plain]:
    """Return an entity as the record that expressions see."""
    return {**entity.fields, "id": entity.id, **({"owner": entity.owner} if entity.owner else {})}
