"""Reads the special forms `is_set`, `referring` and `find`, which look like functions but take paths, not values."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.chains import Chain, chain_of
from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.paths import Resolved, Resolver
from reality_engine.expressions.reads import FromLookup, FromVariable
from reality_engine.expressions.syntax import Call, Constant, Name, Node, children
from reality_engine.expressions.tokens import Arguments, arguments
from reality_engine.expressions.types import Base, Type, entity_of
from reality_engine.expressions.wording import listing, nearest

FORMS: Final = frozenset({"is_set", "referring", "find"})
_NAME_BEFORE: Final = re.compile(r"[a-z_]+(?=\s*\Z)")


@dataclass(frozen=True, slots=True)
class Found:
    """A `find(…)`: where it stands, what it looks up, and what its key reads."""

    start: int
    end: int
    label: str
    lookup: FromLookup
    type: Type
    reads: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Referring:
    """A `referring(…)`."""

    start: int
    end: int
    origin: FromVariable | FromLookup
    kind: str
    field: str
    reads: frozenset[Path]


@dataclass(frozen=True, slots=True)
class IsSet:
    """An `is_set(…)`; without an origin it asks about a member of a loop variable, as `has` does."""

    start: int
    end: int
    origin: FromVariable | FromLookup | None
    entity: bool = False
    rest: Path = ()
    reads: frozenset[Path] = frozenset()


class FormReader:
    """Reads the forms of one source."""

    def __init__(self, source: str, resolver: Resolver, compile_key: Callable[[str, Type], Expression]) -> None:
        """Keep the source, what may be named in it, and how the key of a `find` is compiled."""
        self._source = source
        self._resolver = resolver
        self._compile_key = compile_key

    def find(self, node: Call, bound: frozenset[str]) -> Found:
        """Read `find('kind', 'field', key)`; raises ExpressionError."""
        start, extent = self._extent(node)
        usage = "find('kind', 'unique_field', value)"
        if len(node.arguments) != 3:
            _refuse(start, f"find takes three arguments: {usage}")
        kind, field = (self._quoted(argument, usage) for argument in node.arguments[:2])
        type_ = self._unique(kind, field, node)
        key = self._key(node.arguments[2], extent.spans[2], type_, bound)
        lookup = FromLookup(kind, field, key)
        label = self._source[start : extent.end + 1]
        return Found(start, extent.end + 1, label, lookup, entity_of(kind), key.reads)

    def referring(self, node: Call, bound: frozenset[str]) -> Referring:
        """Read `referring(path, 'kind.field')`; raises ExpressionError."""
        start, extent = self._extent(node)
        usage = "referring(target, 'kind.field')"
        if len(node.arguments) != 2:
            _refuse(start, f"referring takes two arguments: {usage}")
        origin, resolved, reads = self._origin(node.arguments[0], bound, usage)
        kind, _, field = self._quoted(node.arguments[1], usage).partition(".")
        offset = node.arguments[1].offset
        if resolved.type.base not in (Base.ENTITY, Base.REF) or resolved.rest:
            _refuse(extent.spans[0][0], f"{resolved.dotted} is not an entity: {usage}")
        self._refers(kind, field, resolved.type.kind, offset)
        return Referring(start, extent.end + 1, origin, kind, field, reads)

    def is_set(self, node: Call, bound: frozenset[str]) -> IsSet:
        """Read `is_set(path)`; raises ExpressionError."""
        start, extent = self._extent(node)
        usage = "is_set(target.field)"
        if len(node.arguments) != 1:
            _refuse(start, f"is_set takes one path: {usage}")
        chain = chain_of(node.arguments[0])
        if isinstance(chain.base, Name) and chain.base.name in bound:
            if not chain.steps:
                _refuse(chain.base.offset, f"{chain.base.name} always has a value; ask about one of its fields")
            return IsSet(start, extent.end + 1, None)
        origin, resolved, reads = self._origin(node.arguments[0], bound, usage)
        entity = resolved.type.base is Base.ENTITY
        return IsSet(start, extent.end + 1, origin, entity, resolved.rest, reads)

    def _origin(
        self, node: Node, bound: frozenset[str], usage: str
    ) -> tuple[FromVariable | FromLookup, Resolved, frozenset[Path]]:
        chain = chain_of(node)
        base = chain.base
        if isinstance(base, Call) and base.target is None and base.function == "find":
            return self._from_lookup(chain, self.find(base, bound))
        if not isinstance(base, Name) or chain.test:
            _refuse(node.offset, f"a path is needed here, such as {usage}")
        if base.name in bound:
            _refuse(base.offset, f"{base.name} is a loop variable, which cannot be used here")
        resolved = self._resolver.resolve(chain.path)
        return FromVariable(resolved.path), resolved, frozenset()

    def _from_lookup(self, chain: Chain, found: Found) -> tuple[FromLookup, Resolved, frozenset[Path]]:
        resolved = self._resolver.follow(found.type, found.label, chain.steps)
        lookup = FromLookup(found.lookup.kind, found.lookup.field, found.lookup.key, resolved.path[1:])
        return lookup, resolved, found.reads

    def _extent(self, node: Call) -> tuple[int, Arguments]:
        """Return where the form's name starts, and its arguments."""
        name = _NAME_BEFORE.search(self._source, 0, node.offset)
        if name is None:
            _refuse(node.offset, f"{node.function} cannot be used like this")
        return name.start(), arguments(self._source, node.offset)

    def _quoted(self, node: Node, usage: str) -> str:
        if not isinstance(node, Constant) or not isinstance(node.value, str):
            _refuse(node.offset, f"a name in quotes is needed here: {usage}")
        return node.value

    def _kind(self, kind: str, offset: int) -> None:
        kinds = self._resolver.shapes.kinds
        if kind not in kinds:
            _refuse(offset, f"there is no kind '{kind}'{nearest(kind, kinds)}", listing("there are", kinds))

    def _unique(self, kind: str, field: str, node: Call) -> Type:
        self._kind(kind, node.arguments[0].offset)
        fields, offset = self._resolver.shapes.kinds[kind], node.arguments[1].offset
        unique = [name for of, name in sorted(self._resolver.shapes.unique) if of == kind]
        if field not in fields:
            _refuse(offset, f"{kind} has no field '{field}'{nearest(field, unique)}", listing("unique are", unique))
        if field not in unique:
            hint = listing("unique are", unique) or f"declare {kind}.{field} with unique: true"
            _refuse(offset, f"find needs a unique field, and {kind}.{field} is not unique", hint)
        return fields[field]

    def _key(self, node: Node, span: tuple[int, int], type_: Type, bound: frozenset[str]) -> Expression:
        loose = next((name for name in _names(node) if name.name in bound), None)
        if loose is not None:
            _refuse(loose.offset, f"{loose.name} is a loop variable, which cannot be used here")
        try:
            return self._compile_key(self._source[slice(*span)], type_)
        except ExpressionError as error:
            raise ExpressionError.of(*(each.shifted(span[0]) for each in error.problems)) from error

    def _refers(self, kind: str, field: str, to: str | None, offset: int) -> None:
        self._kind(kind, offset)
        fields = self._resolver.shapes.kinds[kind]
        refs = [name for name, type_ in fields.items() if type_.base is Base.REF and type_.kind == to]
        if field not in fields:
            _refuse(offset, f"{kind} has no field '{field}'{nearest(field, refs)}", listing(f"refs to {to} are", refs))
        if field not in refs:
            _refuse(offset, f"{kind}.{field} is not a ref to {to}", listing(f"refs to {to} are", refs))


def _names(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for below in children(node):
        yield from _names(below)


def _refuse(offset: int, message: str, hint: str | None = None) -> NoReturn:
    raise ExpressionError.of(ExpressionProblem(offset, message, hint))
