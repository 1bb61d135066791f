"""What an expression tells something of: every field on the way of its paths, in its loops and lookups; not to whom."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from reality_engine.expressions.chains import Chain, chain_of
from reality_engine.expressions.compilation import parsed
from reality_engine.expressions.holes import pieces
from reality_engine.expressions.inference import element_of, filters
from reality_engine.expressions.syntax import Call, Constant, Loop, Name, Node, Selection, children
from reality_engine.expressions.types import JSON, Base, Type, entity_of
from reality_engine.packs.flow.circles import Point, Step
from reality_engine.packs.flow.names import Bound, Names, Walked
from reality_engine.packs.flow.sources import Label, Text, merged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reality_engine.expressions.template import Template
    from reality_engine.packs.source import Spot

_ME: tuple[str, ...] = ("me", "id")


@dataclass
class Reader:
    """Reads one expression where these names are known. `item` is what each element of its list will be called."""

    names: Names
    text: Text
    source: str
    item: Point | None = None
    bound: dict[str, Bound] = field(default_factory=dict)
    root: Node = field(init=False)
    _points: dict[int, Point] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Parse the source, which has been compiled before, and so has no mistakes."""
        self.root = parsed(self.source)
        if self.item is not None:
            self._points[id(_spine(self.root))] = self.item

    @property
    def distinct(self) -> bool:
        """Whether the list that this gives has no element twice."""
        return _is_referring(_spine(self.root))

    def label(self, node: Node | None = None) -> Label:
        """Return what the expression, or a part of it, tells something of."""
        node = self.root if node is None else node
        match node:
            case Name() | Selection():
                return self._chain(node)
            case Call(target=None, function="find"):
                return self._found(Chain(node, (), test=False)).label
            case Call(target=None, function="referring"):
                return self._referring(node)
            case Loop():
                return self._loop(node)
            case _:
                return merged(*map(self.label, children(node)))

    def path(self, node: Node) -> Walked | None:
        """Follow a node that is a path, from a name or from what `find` gives."""
        chain = chain_of(node)
        if isinstance(chain.base, Call) and chain.base.function == "find" and chain.base.target is None:
            return self._found(chain)
        if not isinstance(chain.base, Name):
            return None
        steps = tuple(step.name for step in chain.path)
        start = self.bound.get(steps[0]) or self.names.variables.get(steps[0], Bound(JSON))
        return self.names.follow(start, steps[:1], steps[1:], self.text, chain.base.offset)

    def element(self, node: Node) -> Bound:
        """Return what each element of a list stands for: entities where it comes of `referring`, or of refs."""
        spine = _spine(node)
        point = self._points.get(id(spine), (self._each(spine),))
        if _is_referring(spine):
            return Bound(entity_of(_quoted(spine.arguments[1]).partition(".")[0]), point)
        walked = self.path(spine) if isinstance(spine, Name | Selection) else None
        of = element_of(walked.end.type) if walked else None
        return Bound(of if of is not None and of.base is not Base.RECORD else JSON, point)

    def _each(self, spine: Node) -> Step:
        kind = _quoted(spine.arguments[1]).partition(".")[0] if _is_referring(spine) else "element"
        return Step(f"each {kind}", str(self.text.place(spine.offset)))

    def _chain(self, node: Node) -> Label:
        walked = self.path(node)
        return walked.label if walked is not None else self.label(chain_of(node).base)

    def _found(self, chain: Chain) -> Walked:
        call = chain.base
        assert isinstance(call, Call)  # noqa: S101 - the callers have looked
        kind, name = (_quoted(each) for each in call.arguments[:2])
        start = max(self.source.rfind("find", 0, call.offset), 0)
        point = (Step(f"find('{kind}', …)", str(self.text.place(start))),)
        key = self.label(call.arguments[2])
        own = (kind, name) == ("member", "user") and _dotted(call.arguments[2]) == _ME
        text = Text(self.text.within, self.text.skip + start)
        sought = () if own else (self.names.source(point, kind, name, (kind, name), text),)
        found = Bound(entity_of(kind), point, (*key, *sought))
        steps = tuple(step.name for step in chain.steps)
        return self.names.follow(found, (f"find('{kind}', …)",), steps, text)

    def _referring(self, node: Call) -> Label:
        kind, _, name = _quoted(node.arguments[1]).partition(".")
        start = max(self.source.rfind("referring", 0, node.offset), 0)
        text = Text(self.text.within, self.text.skip + start)
        point, asked = self.element(node).point, self.path(node.arguments[0])
        if asked is not None:
            self.names.moment.same.add((self.names.further(point, kind, name), asked.end.point))
        return merged(self.label(node.arguments[0]), (self.names.source(point, kind, name, (kind, name), text),))

    def _loop(self, node: Loop) -> Label:
        outside = dict(self.bound)
        before = merged(self.label(node.source), self.label(node.initial))
        self.bound.update({name: Bound(JSON) for name in node.variables})
        if node.variables:
            self.bound[node.variables[0]] = self.element(node.source)
        inside = merged(*map(self.label, node.inner))
        self.bound = outside
        return merged(before, inside)


def holes(template: "Template", names: Names, spot: "Spot") -> "Iterator[Reader]":
    """Yield a reader for each expression in a text."""
    for piece in pieces(template.source):
        if piece.hole:
            yield Reader(names, Text(spot.within, piece.offset), piece.text)


def _spine(node: Node) -> Node:
    """Return the list that a chain of filters takes its elements from, unchanged."""
    while isinstance(node, Loop) and filters(node):
        node = node.source
    return node


def _is_referring(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.target is None and node.function == "referring"


def _quoted(node: Node) -> str:
    return str(node.value) if isinstance(node, Constant) else ""


def _dotted(node: Node) -> tuple[str, ...]:
    chain = chain_of(node)
    return tuple(step.name for step in chain.path) if isinstance(chain.base, Name) else ()


def element_type(kind: Type | None) -> Type:
    """Return what an element of a list is bound to: refs and records of entities stand for entities."""
    if kind is None:
        return JSON
    leads = kind.kind is not None and kind.base in (Base.REF, Base.RECORD, Base.ENTITY)
    return entity_of(str(kind.kind)) if leads else kind
