"""Resolves dotted paths against the shapes of a pack: variables, fields, refs; not what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.types import TEXT, Base, Shapes, Type
from reality_engine.expressions.wording import listing, nearest

MAX_WALKS: Final = 3
_LOOSE: Final = frozenset({Base.LIST, Base.MAP, Base.JSON})


@dataclass(frozen=True, slots=True)
class Step:
    """One name of a path, and where it stands in the source."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path with its type; `rest` are names below a list, map or JSON value, which the language itself selects."""

    path: Path
    type: Type
    rest: Path = ()

    @property
    def dotted(self) -> str:
        """The path as authors write it."""
        return ".".join(self.path)


class Resolver:
    """Follows paths from variables, or from the entities that `find` gives."""

    def __init__(self, shapes: Shapes, variables: Mapping[str, Type]) -> None:
        """Keep what may be named."""
        self.shapes = shapes
        self.variables = variables

    def members(self, kind: str) -> Mapping[str, Type]:
        """Return the fields of a kind, with the two that every entity has."""
        return {**self.shapes.kinds.get(kind, {}), "id": TEXT, "owner": TEXT}

    def record(self, kind: str) -> Type:
        """Return the type of an entity of this kind as a whole, as `referring` gives it."""
        return Type(Base.RECORD, kind=kind, fields=tuple(self.members(kind).items()))

    def shallow(self) -> Mapping[str, Type]:
        """Return the types of all variables that are values, and of all their direct members, by dotted name."""
        found: dict[str, Type] = {}
        for name, type_ in self.variables.items():
            if type_.base is not Base.ENTITY:
                found[name] = type_
            for member, of in self._members(type_).items():
                found[f"{name}.{member}"] = of
        return found

    def _members(self, type_: Type) -> Mapping[str, Type]:
        if type_.base in (Base.ENTITY, Base.REF) and type_.kind is not None:
            return self.members(type_.kind)
        return dict(type_.fields)

    def resolve(self, steps: Sequence[Step]) -> Resolved:
        """Follow a path that starts at a variable; raises ExpressionError with the nearest valid name."""
        root = steps[0]
        if root.name not in self.variables:
            message = f"there is no variable '{root.name}' here{nearest(root.name, self.variables)}"
            hint = listing("there are", self.variables)
            raise ExpressionError.of(ExpressionProblem(root.offset, message, hint))
        return self.follow(self.variables[root.name], root.name, steps[1:])

    def follow(self, start: Type, label: str, steps: Sequence[Step]) -> Resolved:
        """Follow a path from something of type `start`, which messages and the result call `label`."""
        reached, walks = Resolved((label,), start), 0
        for index, step in enumerate(steps):
            if reached.type.base in _LOOSE:
                return Resolved(reached.path, reached.type, tuple(step.name for step in steps[index:]))
            walks += reached.type.base is Base.REF
            if walks > MAX_WALKS:
                message = f"this walks through more than {MAX_WALKS} refs"
                raise ExpressionError.of(ExpressionProblem(step.offset, message))
            reached = Resolved((*reached.path, step.name), self._member(reached, step))
        return reached

    def _member(self, reached: Resolved, step: Step) -> Type:
        type_ = reached.type
        members, owner = self._members(type_), type_.kind or reached.dotted
        if type_.base not in (Base.ENTITY, Base.REF, Base.RECORD):
            message = f"{reached.dotted} is {type_} and has no fields"
            raise ExpressionError.of(ExpressionProblem(step.offset, message))
        if step.name not in members:
            message = f"{owner} has no field '{step.name}'{nearest(step.name, members)}"
            raise ExpressionError.of(ExpressionProblem(step.offset, message, listing("it has", members)))
        return members[step.name]
