"""Walks a parsed expression: resolves paths, replaces special forms, tells what is wrong; it does not check types."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.chains import Chain, chain_of
from reality_engine.expressions.engine import wrong_literal
from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.forms import FORMS, FormReader, Found
from reality_engine.expressions.functions import CALLABLE
from reality_engine.expressions.paths import Resolved, Resolver
from reality_engine.expressions.reads import FromLookup, FromVariable, IsSetSlot, ReferringSlot, Slot, ValueSlot
from reality_engine.expressions.rewriting import Replacement, free_prefix
from reality_engine.expressions.syntax import Call, Constant, Loop, MapLiteral, Name, Node, Selection, children
from reality_engine.expressions.types import BOOLEAN, Base, Type, list_of
from reality_engine.expressions.values import incoming
from reality_engine.expressions.wording import nearest

_OPERATOR_MARKS: Final = frozenset("_!-@")


@dataclass
class Analysis:
    """What one source names, gathered by `visit`; `types` are those of nodes by identity, refs told from texts."""

    source: str
    resolver: Resolver
    compile_key: Callable[[str, Type], Expression]
    problems: list[ExpressionProblem] = field(default_factory=list)
    paths: dict[str, Resolved] = field(default_factory=dict)
    declared: dict[str, Type] = field(default_factory=dict)
    replacements: list[Replacement] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    labels: dict[str, Path] = field(default_factory=dict)
    reads: set[Path] = field(default_factory=set)
    lookups: set[tuple[str, str]] = field(default_factory=set)
    types: dict[int, Type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose names for placeholders."""
        self._prefix = free_prefix(self.source)
        self._forms = FormReader(self.source, self.resolver, self.compile_key)

    def visit(self, node: Node, bound: frozenset[str] = frozenset()) -> None:
        """Gather from a node and all below it, `bound` being the loop variables there."""
        try:
            self._visit(node, bound)
        except ExpressionError as error:
            self.problems.extend(error.problems)

    def _visit(self, node: Node, bound: frozenset[str]) -> None:
        match node:
            case Name() | Selection():
                self._chain(node, bound)
            case Call(target=None, function=name) if name in FORMS:
                self._form(node, bound)
            case Call():
                self._call(node, bound)
            case Loop():
                self._loop(node, bound)
            case _:
                if isinstance(node, MapLiteral) and node.message:
                    self._problem(node.offset, f"there is no type '{node.message}' to make values of")
                self._below(children(node), bound)

    def _below(self, nodes: tuple[Node, ...], bound: frozenset[str]) -> None:
        for node in nodes:
            self.visit(node, bound)

    def _loop(self, node: Loop, bound: frozenset[str]) -> None:
        self._below((node.source, node.initial), bound)
        self._below(node.inner, bound.union(node.variables))

    def _problem(self, offset: int, message: str, hint: str | None = None) -> None:
        self.problems.append(ExpressionProblem(offset, message, hint))

    def _chain(self, node: Node, bound: frozenset[str]) -> None:
        chain = chain_of(node)
        if isinstance(chain.base, Name):
            if chain.base.name not in bound:
                self._path(node, chain)
        elif isinstance(chain.base, Call) and chain.base.target is None and chain.base.function == "find":
            self._found(node, chain, self._forms.find(chain.base, bound))
        else:
            self.visit(chain.base, bound)

    def _path(self, node: Node, chain: Chain) -> None:
        resolved = self.resolver.resolve(chain.path)
        self._read(node, chain, resolved, chain.path[0].offset)
        self.paths[resolved.dotted] = resolved
        self.reads.add(resolved.path)
        self.declared[resolved.dotted] = resolved.type

    def _read(self, node: Node, chain: Chain, resolved: Resolved, offset: int) -> None:
        """Refuse what is no value; note the type where the node is the path and nothing below it."""
        shown = resolved.dotted
        if chain.test and not resolved.rest:
            raise ExpressionError.of(ExpressionProblem(offset, f"write is_set({shown}) instead of has({shown})"))
        if resolved.type.base is Base.ENTITY:
            message = f"{shown} is an entity, not a value"
            raise ExpressionError.of(ExpressionProblem(offset, message, f"use {shown}.id, or one of its fields"))
        if not resolved.rest:
            self.types[id(node)] = resolved.type

    def _found(self, node: Node, chain: Chain, found: Found) -> None:
        resolved = self.resolver.follow(found.type, found.label, chain.steps)
        self._read(node, chain, resolved, found.start)
        self._looked_up(found.lookup, found.reads)
        name = self._placeholder(found.start, found.end, (found.label,))
        dotted = ".".join((name, *resolved.path[1:]))
        self.declared[dotted] = resolved.type
        origin = FromLookup(found.lookup.kind, found.lookup.field, found.lookup.key, resolved.path[1:])
        self.slots.append(ValueSlot(dotted, origin, incoming(resolved.type)))

    def _looked_up(self, lookup: FromLookup, reads: frozenset[Path]) -> None:
        self.lookups.add((lookup.kind, lookup.field))
        self.reads.update(reads)

    def _placeholder(self, start: int, end: int, label: Path) -> str:
        name = f"{self._prefix}{len(self.replacements)}"
        self.replacements.append(Replacement(start, end, name))
        self.labels[name] = label
        return name

    def _form(self, node: Call, bound: frozenset[str]) -> None:
        if node.function == "find":
            self._found(node, Chain(node, (), test=False), self._forms.find(node, bound))
        elif node.function == "referring":
            self._referring(node, bound)
        else:
            self._is_set(node, bound)

    def _referring(self, node: Call, bound: frozenset[str]) -> None:
        form = self._forms.referring(node, bound)
        self._origin(form.origin, form.reads)
        self.lookups.add((form.kind, form.field))
        record = self.resolver.record(form.kind)
        name = self._placeholder(form.start, form.end, (self.source[form.start : form.end],))
        self.declared[name] = list_of(record)
        self.types[id(node)] = list_of(record)
        convert = incoming(record)
        assert convert is not None  # noqa: S101 - records always have a conversion
        self.slots.append(ReferringSlot(name, form.origin, form.kind, form.field, convert))

    def _is_set(self, node: Call, bound: frozenset[str]) -> None:
        form = self._forms.is_set(node, bound)
        if form.origin is None:
            self.replacements.append(Replacement(form.start, form.start + len("is_set"), "has"))
            return
        self._origin(form.origin, form.reads)
        name = self._placeholder(form.start, form.end, ("is_set",))
        self.declared[name] = BOOLEAN
        self.slots.append(IsSetSlot(name, form.origin, form.entity, form.rest))

    def _origin(self, origin: FromVariable | FromLookup, reads: frozenset[Path]) -> None:
        if isinstance(origin, FromLookup):
            self._looked_up(origin, reads)
        else:
            self.reads.add(origin.path)

    def _call(self, node: Call, bound: frozenset[str]) -> None:
        name, below = node.function, children(node)
        if isinstance(node.target, Name) and node.target.name == "math" and "math" not in bound:
            name, below = f"math.{name}", node.arguments
        if name[0] not in _OPERATOR_MARKS and name not in CALLABLE:
            self._problem(self._start(node), f"there is no function '{name}'{nearest(name, CALLABLE)}")
        self._constant(node)
        self._below(below, bound)

    def _constant(self, node: Call) -> None:
        """Try a literal pattern, timestamp or duration now instead of at every evaluation."""
        last = node.arguments[-1] if node.arguments else None
        if isinstance(last, Constant) and isinstance(last.value, str):
            wrong = wrong_literal(node.function, last.value)
            if wrong:
                self._problem(last.offset, wrong)

    def _start(self, node: Call) -> int:
        return max(self.source.rfind(node.function, 0, node.offset + 1), 0)
