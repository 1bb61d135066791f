"""Decodes the syntax trees that the engine serializes (cel.expr in protobuf wire form); it does not judge them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from reality_engine.expressions.types import BOOLEAN, DURATION, INTEGER, JSON, NUMBER, TEXT, TIMESTAMP, Type
from reality_engine.expressions.types import list_of as a_list_of
from reality_engine.expressions.types import map_of as a_map_of
from reality_engine.expressions.wire import Fields, fields_of, number, numbers, parts, text, texts

Literal: TypeAlias = bool | int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    offset: int
    value: Literal


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name."""

    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """`operand.field`, or `has(operand.field)` where `test` is set; the offset is that of the dot."""

    offset: int
    operand: "Node"
    field: str
    test: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator; the offset is that of the opening parenthesis or the operator, `id` names the node."""

    offset: int
    id: int
    function: str
    target: "Node | None"
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """`[a, b]`."""

    offset: int
    elements: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """`{k: v}`, or `message{field: v}`, which has a message name."""

    offset: int
    message: str
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Loop:
    """A comprehension: `variables` are bound in `inner`, and only there."""

    offset: int
    variables: tuple[str, ...]
    source: "Node"
    initial: "Node"
    inner: "tuple[Node, ...]"


Node: TypeAlias = Constant | Name | Selection | Call | ListLiteral | MapLiteral | Loop


@dataclass(frozen=True, slots=True)
class Tree:
    """A decoded expression. A checked one also has its result's type and the overload that each call resolved to."""

    root: Node
    result: Type | None
    overloads: dict[int, str]


def decode(serialized: bytes, messages: dict[str, Type]) -> Tree:
    """Read a `ParsedExpr` or `CheckedExpr` in its `Any`; `messages` are the types behind message names."""
    outer = fields_of(serialized)
    inner = fields_of(parts(outer, 2)[0])
    checked = text(outer, 1).endswith("CheckedExpr")
    expression = parts(inner, 4 if checked else 2)[0]
    positions = _positions(fields_of(parts(inner, 5 if checked else 3)[0]))
    root = _Reader(positions).node(expression)
    if not checked:
        return Tree(root, None, {})
    types = {number(entry, 1): parts(entry, 2)[0] for entry in _entries(inner, 3)}
    overloads = {number(entry, 1): ",".join(texts(fields_of(parts(entry, 2)[0]), 3)) for entry in _entries(inner, 2)}
    result = type_of(types.get(number(fields_of(expression), 2), b""), messages)
    return Tree(root, result, overloads)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below one, loops included with what they bind."""
    match node:
        case Selection(operand=operand):
            return (operand,)
        case Call(target=target, arguments=arguments):
            return arguments if target is None else (target, *arguments)
        case ListLiteral(elements=below) | MapLiteral(parts=below):
            return below
        case Loop(source=source, initial=initial, inner=inner):
            return (source, initial, *inner)
        case _:
            return ()


def _entries(message: Fields, field: int) -> Iterator[Fields]:
    return (fields_of(entry) for entry in parts(message, field))


def _positions(source_info: Fields) -> dict[int, int]:
    return {number(entry, 1): number(entry, 2) for entry in _entries(source_info, 4)}


class _Expr(IntEnum):
    """Field numbers of `cel.expr.Expr`."""

    ID = 2
    CONSTANT = 3
    NAME = 4
    SELECTION = 5
    CALL = 6
    LIST = 7
    MAP = 8
    LOOP = 9


class _Constant(IntEnum):
    """Field numbers of `cel.expr.Constant`."""

    BOOLEAN = 2
    INTEGER = 3
    UNSIGNED = 4
    NUMBER = 5
    TEXT = 6
    BYTES = 7


class _TypeField(IntEnum):
    """Field numbers of `cel.expr.Type`."""

    DYNAMIC = 1
    PRIMITIVE = 3
    WELL_KNOWN = 5
    LIST = 6
    MAP = 7
    MESSAGE = 9
    PARAMETER = 10


class _Reader:
    """Reads `cel.expr.Expr` messages, whose oneof decides the kind of node."""

    def __init__(self, positions: dict[int, int]) -> None:
        self._positions = positions

    def node(self, raw: bytes) -> Node:
        fields = fields_of(raw)
        id_ = number(fields, _Expr.ID)
        offset = self._positions.get(id_, 0)
        readers = {
            _Expr.SELECTION: self._selection,
            _Expr.LIST: self._list,
            _Expr.MAP: self._map,
            _Expr.LOOP: self._loop,
        }
        for key, reader in readers.items():
            if key in fields:
                return reader(offset, fields_of(parts(fields, key)[0]))
        if _Expr.CALL in fields:
            return self._call(offset, id_, fields_of(parts(fields, _Expr.CALL)[0]))
        if _Expr.NAME in fields:
            return Name(offset, text(fields_of(parts(fields, _Expr.NAME)[0]), 1))
        constant = parts(fields, _Expr.CONSTANT)
        return Constant(offset, _constant(fields_of(constant[0])) if constant else None)

    def _all(self, raw: list[bytes]) -> tuple[Node, ...]:
        return tuple(self.node(each) for each in raw)

    def _selection(self, offset: int, fields: Fields) -> Node:
        return Selection(offset, self.node(parts(fields, 1)[0]), text(fields, 2), bool(number(fields, 3)))

    def _call(self, offset: int, id_: int, fields: Fields) -> Node:
        target = self.node(parts(fields, 1)[0]) if 1 in fields else None
        return Call(offset, id_, text(fields, 2), target, self._all(parts(fields, 3)))

    def _list(self, offset: int, fields: Fields) -> Node:
        return ListLiteral(offset, self._all(parts(fields, 1)))

    def _map(self, offset: int, fields: Fields) -> Node:
        below = [raw for entry in _entries(fields, 2) for raw in (*parts(entry, 3), *parts(entry, 4))]
        return MapLiteral(offset, text(fields, 1), self._all(below))

    def _loop(self, offset: int, fields: Fields) -> Node:
        variables = tuple(name for key in (1, 3, 8) for name in texts(fields, key) if name)
        inner = self._all([parts(fields, key)[0] for key in (5, 6, 7)])
        return Loop(offset, variables, self.node(parts(fields, 2)[0]), self.node(parts(fields, 4)[0]), inner)


def _constant(fields: Fields) -> Literal:
    if _Constant.TEXT in fields:
        return text(fields, _Constant.TEXT)
    if _Constant.BYTES in fields:
        return parts(fields, _Constant.BYTES)[0]
    if _Constant.NUMBER in fields:
        value: float = struct.unpack("<d", parts(fields, _Constant.NUMBER)[0])[0]
        return value
    if _Constant.BOOLEAN in fields:
        return bool(number(fields, _Constant.BOOLEAN))
    integers = (*numbers(fields, _Constant.INTEGER), *numbers(fields, _Constant.UNSIGNED))
    return integers[0] if integers else None


_PRIMITIVE = {1: BOOLEAN, 2: INTEGER, 4: NUMBER, 5: TEXT}
_WELL_KNOWN = {1: JSON, 2: TIMESTAMP, 3: DURATION}


def type_of(raw: bytes, messages: dict[str, Type]) -> Type | None:
    """Read a `cel.expr.Type`; None for what no value of a world can have (bytes, unsigned, null, a type)."""
    fields = fields_of(raw)
    if _TypeField.DYNAMIC in fields or _TypeField.PARAMETER in fields:
        return JSON
    if _TypeField.PRIMITIVE in fields:
        return _PRIMITIVE.get(number(fields, _TypeField.PRIMITIVE))
    if _TypeField.WELL_KNOWN in fields:
        return _WELL_KNOWN.get(number(fields, _TypeField.WELL_KNOWN))
    if _TypeField.LIST in fields:
        of = type_of(parts(fields_of(parts(fields, _TypeField.LIST)[0]), 1)[0], messages)
        return of and a_list_of(of)
    if _TypeField.MAP in fields:
        return _map_type(fields_of(parts(fields, _TypeField.MAP)[0]), messages)
    return messages.get(text(fields, _TypeField.MESSAGE))


def _map_type(fields: Fields, messages: dict[str, Type]) -> Type | None:
    key, of = (type_of(parts(fields, index)[0], messages) for index in (1, 2))
    return a_map_of(of) if of is not None and key in (TEXT, JSON) else None
