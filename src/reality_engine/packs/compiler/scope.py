"""The names that an expression may use at one place of a pack, and the compiling of expressions there; not effects."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import ExpressionError
from reality_engine.expressions.types import (
    BOOLEAN,
    JSON,
    TEXT,
    TIMESTAMP,
    Base,
    Type,
    entity_of,
    list_of,
    record_of,
)
from reality_engine.packs.compiler.names import VARIABLES, check_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from reality_engine.expressions.bindings import Path
    from reality_engine.expressions.expression import Expression
    from reality_engine.expressions.template import Template
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot

# Stands in for what could not be compiled. Nothing ever runs it: its problem was told, so the pack is refused.
BROKEN: Final[Any] = None

ME: Final = record_of(id=TEXT, name=TEXT, kind=TEXT, member=BOOLEAN, admin=BOOLEAN, roles=list_of(TEXT))


def rule_variables() -> dict[str, Type]:
    """Return what every rule can name; `self` rules (invariants, computed) cannot."""
    return {"me": ME, "world": entity_of("world"), "now": TIMESTAMP}


@dataclass
class Scope:
    """Variables with their types, over the kinds of a pack. `events` are the inputs that hold ids of events."""

    ground: "Ground"
    variables: dict[str, Type]
    doubtful: set[str] = field(default_factory=set)
    events: frozenset[str] = frozenset()
    _environment: Environment | None = field(default=None, repr=False)

    def inner(self) -> "Scope":
        """Return a scope that begins with the same names; what is bound in it ends with it."""
        return Scope(self.ground, dict(self.variables), set(self.doubtful), self.events, self._environment)

    def declare(self, name: str, kind: Type) -> None:
        """Make a name known, whatever it is."""
        self.variables[name] = kind
        self._environment = None

    def doubt(self, *names: str) -> None:
        """Make names known of which nothing else is, as what would say more was told; whatever they are used for."""
        for name in names:
            self.declare(name, JSON)
            self.doubtful.add(name)

    def bind(self, name: str, kind: Type, place: "Place") -> None:
        """Make an author's name known; one that cannot be used is told."""
        if not check_name(place, name, "a value", self.ground.problems, VARIABLES):
            return
        if name in self.variables:
            self.ground.problems.add(place, "name_taken", f"'{name}' already stands for something here")
        self.declare(name, kind)

    @property
    def environment(self) -> Environment:
        """Return the environment of expressions, made when it is first needed."""
        if self._environment is None:
            self._environment = Environment(self.ground.shapes, self.variables)
        return self._environment

    def expression(self, spot: "Spot", source: str, expects: Type | None = None, skip: int = 0) -> "Expression":
        """Compile the CEL that begins `skip` characters into the text at `spot`."""
        compiled: Expression = self._told(lambda: self.environment.expression(source, expects), spot, skip)
        return compiled

    def condition(self, spot: "Spot", source: str) -> "Expression":
        """Compile CEL that must be true or false."""
        return self.expression(spot, source, BOOLEAN)

    def template(self, spot: "Spot", source: str) -> "Template":
        """Compile a text with {CEL} in it."""
        compiled: Template = self._told(lambda: self.environment.template(source), spot, 0)
        return compiled

    def path(self, source: str, at: "Callable[[int], Place]") -> "tuple[Path, Type] | None":
        """Compile a dotted path; `at` gives the place of a character in it. None: told, or in doubt."""
        if source.partition(".")[0] in self.doubtful:
            return None
        try:
            return self.environment.path(source)
        except ExpressionError as error:
            self._tell(error, at)
            return None

    def entity(self, source: str, at: "Callable[[int], Place]") -> "tuple[Path, str] | None":
        """Compile a path that leads to an entity: a variable or a ref. Returns it with the entity's kind."""
        found = self.path(source, at)
        if found is None:
            return None
        path, kind = found
        if kind.kind is None or kind.base not in (Base.ENTITY, Base.REF):
            self.ground.problems.add(at(0), "not_an_entity", f"'{source}' is {kind}, not an entity")
            return None
        return path, kind.kind

    def _told(self, compiling: "Callable[[], Any]", spot: "Spot", skip: int) -> Any:
        try:
            return compiling()
        except ExpressionError as error:
            self._tell(error, lambda offset: spot.within(offset + skip))
            return BROKEN

    def _tell(self, error: ExpressionError, at: "Callable[[int], Place]") -> None:
        for problem in error.problems:
            self.ground.problems.add(at(problem.offset), "bad_expression", problem.message, problem.hint)
