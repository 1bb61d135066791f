"""Makes one Python function of a simple expression, at a twentieth of what a call of the engine costs.

Simple are comparisons, arithmetic, logic and texts over scalars, as long as each name has a value and each result fits.
All else is the engine's, and with it every failure and its message. Property tests hold the two to each other.

The function is compiled from source that is put together here of `plain` forms and numbered names alone. What a pack
wrote, its constants and its names, are the defaults of parameters that nobody gives, so none of it ever becomes code.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from reality_engine.expressions.bindings import UNSET, Bindings, Path
from reality_engine.expressions.plain import (
    FUNCTIONS,
    LAZY,
    ODD,
    OF_TEXTS,
    STRICT,
    UNFIT,
    NotPlainError,
    Operator,
    are_texts,
)
from reality_engine.expressions.reads import Slot
from reality_engine.expressions.syntax import Call, Constant, ListLiteral, Name, Node, Tree
from reality_engine.expressions.types import JSON, Base, Type
from reality_engine.kernel.json import MAX_INTEGER, Plain

MAX_DEPTH: Final = 20
_INT64: Final = 2**63
_SCALARS: Final = frozenset({Base.TEXT, Base.REF, Base.INTEGER, Base.NUMBER, Base.BOOLEAN})
_OF_LITERALS: Final = {bool: Base.BOOLEAN, int: Base.INTEGER, float: Base.NUMBER, str: Base.TEXT}
# What an entity has beside its fields.
_BESIDE: Final = frozenset({"id", "owner"})
_ROOT_AND_MEMBER: Final = 2
# All that a function can reach, beside its parameters.
_GLOBALS: Final[dict[str, Any]] = {"__builtins__": {}, "UNSET": UNSET, **FUNCTIONS}

# Returns what an expression comes to; raises NotPlainError or ArithmeticError where the engine has to say that.
Direct: TypeAlias = Callable[[Bindings], Plain]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an expression reads, by the names that its source has for it: paths from `variables`, and slots."""

    variables: Mapping[str, Type]
    names: Mapping[str, Type]
    paths: Mapping[str, Path]
    slots: Sequence[Slot]


def direct(tree: Tree, reading: Reading) -> Direct | None:
    """Return the function of a checked tree, or None where that is not plain."""
    try:
        maker = _Maker(tree.overloads, reading)
        result = maker.part(tree.root, MAX_DEPTH, certain=True)
        lines = (*maker.reads(), *_returning(result))
    except NotPlainError:
        return None
    parameters = ", ".join(("bindings", *(f"k{number}" for number in range(len(maker.defaults)))))
    source = "\n    ".join((f"def direct({parameters}):", *lines))
    made: dict[str, Any] = {}
    exec(compile(source, "<expression>", "exec"), _GLOBALS, made)  # noqa: S102 - of our own forms alone # nosec B102
    made["direct"].__defaults__ = tuple(maker.defaults)
    function: Direct = made["direct"]
    return function


@dataclass(frozen=True, slots=True)
class _Part:
    """A Python expression, the type of what it comes to, and how far from zero that can be if it is an integer."""

    code: str
    base: Base
    largest: int = 0


def _is_of_texts(type_: Type) -> bool:
    return type_.base is Base.LIST and type_.of is not None and type_.of.base in (Base.TEXT, Base.REF)


def _returning(result: _Part) -> Iterator[str]:
    if result.base is Base.BOOLEAN or (result.base is Base.INTEGER and result.largest <= MAX_INTEGER):
        yield f"return {result.code}"
        return
    yield f"result = {result.code}"
    yield f"if {UNFIT[result.base].format('result')}: left()"
    yield "return result"


@dataclass
class _Maker:
    """Makes source of nodes; raises NotPlainError for what is not plain.

    `certain` are the names without whose values nothing can be said.
    """

    overloads: Mapping[int, str]
    reading: Reading
    certain: set[str] = field(default_factory=set)
    locals: dict[str, str] = field(default_factory=dict)
    defaults: list[object] = field(default_factory=list)

    def part(self, node: Node, depth: int, *, certain: bool) -> _Part:
        """Return what a node comes to; it is `certain` where that is asked for whatever else comes out."""
        match node:
            case Constant(value=bool() | int() | float() | str() as value):
                return _Part(self._default(value), _OF_LITERALS[type(value)], abs(value) if type(value) is int else 0)
            case Name(name=name) if self._type(name).base in _SCALARS:
                return self._name(name, certain=certain)
            case Call() if depth > 0:
                return self._call(node, depth - 1, certain=certain)
            case _:
                raise NotPlainError

    def reads(self) -> Iterator[str]:
        """Yield the lines that read all that the expression names, as the engine's data would be gathered."""
        starts: dict[str, str] = {}
        for name, path in self.reading.paths.items():
            local = self._local(name)
            if not self._is_direct(path):
                yield f"{local} = bindings.value({self._default(path)})"
                yield f"if {local} is UNSET: {local} = None"
            else:
                if path[0] not in starts:
                    starts[path[0]] = f"of{len(starts)}"
                    yield f"{starts[path[0]]} = bindings.fields({self._default(path[0])})"
                yield f"{local} = {starts[path[0]]}.get({self._default(path[1])})"
            yield from self._checks(name, local)
        for slot in self.reading.slots:
            local = self._local(slot.name)
            yield f"{local} = {self._default(slot.read)}(bindings)"
            yield from self._checks(slot.name, local)

    def _checks(self, name: str, local: str) -> Iterator[str]:
        base = self._type(name).base
        if base is Base.NUMBER:
            yield f"if {local}.__class__ is int: {local} = float({local})"
        given = "" if name in self.certain else f"{local} is not None and "
        yield f"if {given}({ODD[base].format(local)}): left()"

    def _name(self, name: str, *, certain: bool) -> _Part:
        base, local = self._type(name).base, self._local(name)
        if certain:
            self.certain.add(name)
        code = local if certain else f"({local} if {local} is not None else left())"
        return _Part(code, Base.TEXT if base is Base.REF else base, MAX_INTEGER)

    def _call(self, node: Call, depth: int, *, certain: bool) -> _Part:
        overload = self.overloads.get(node.id, "")
        nodes = node.arguments if node.target is None else (node.target, *node.arguments)
        if overload in LAZY:
            return self._lazy(LAZY[overload], nodes, depth, certain=certain)
        if overload in OF_TEXTS:
            parts = [self.part(each, depth, certain=certain) for each in nodes[:-1]]
            if any(part.base is not Base.TEXT for part in parts):
                raise NotPlainError
            return self._strict(OF_TEXTS[overload], [*parts, self._texts(nodes[-1], certain=certain)])
        if overload in STRICT:
            return self._strict(STRICT[overload], [self.part(each, depth, certain=certain) for each in nodes])
        raise NotPlainError

    def _lazy(self, form: str, nodes: Sequence[Node], depth: int, *, certain: bool) -> _Part:
        first = self.part(nodes[0], depth, certain=certain)
        others = [self.part(each, depth, certain=False) for each in nodes[1:]]
        code = form.format(first.code, *(each.code for each in others))
        return _Part(code, others[0].base, max(each.largest for each in others))

    def _strict(self, operator: Operator, parts: Sequence[_Part]) -> _Part:
        code = operator.form.format(*(part.code for part in parts))
        if operator.largest is None:
            return _Part(code, operator.base)
        largest = operator.largest(*(part.largest for part in parts))
        if largest < _INT64:
            return _Part(code, operator.base, largest)
        local = self._local(code)
        return _Part(f"({local} if {-_INT64} <= ({local} := {code}) < {_INT64} else left())", operator.base, _INT64)

    def _texts(self, node: Node, *, certain: bool) -> _Part:
        """Return the texts of a list: of a variable, or written down."""
        match node:
            case Name(name=name) if _is_of_texts(self._type(name)):
                return self._name(name, certain=certain)
            case ListLiteral(elements=elements):
                found = [one.value if isinstance(one, Constant) else None for one in elements]
                if are_texts(found):
                    return _Part(self._default(found), Base.LIST)
            case _:
                pass
        raise NotPlainError

    def _type(self, name: str) -> Type:
        return self.reading.names.get(name, JSON)

    def _is_direct(self, path: Path) -> bool:
        """Say whether a path leads to what stands directly below a variable."""
        start = self.reading.variables[path[0]]
        named = start.base is Base.ENTITY or start.kind is not None
        return len(path) == _ROOT_AND_MEMBER and (path[1] not in _BESIDE if named else start.base is Base.RECORD)

    def _local(self, name: str) -> str:
        return self.locals.setdefault(name, f"v{len(self.locals)}")

    def _default(self, value: object) -> str:
        self.defaults.append(value)
        return f"k{len(self.defaults) - 1}"
