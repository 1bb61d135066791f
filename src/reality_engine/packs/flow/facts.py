"""What a condition says of who acts and of where paths lead, when it holds; not whether it does."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.syntax import Call, Constant, Name, Node, Selection
from reality_engine.expressions.types import Base
from reality_engine.packs.audience import Term
from reality_engine.packs.flow.circles import MEMBERS, Circle, Point, parts_of
from reality_engine.packs.flow.knowledge import NOTHING, Knowledge, belongs, one_of

if TYPE_CHECKING:
    from reality_engine.expressions.expression import Expression
    from reality_engine.packs.compiled import Role
    from reality_engine.packs.flow.names import Names
    from reality_engine.packs.flow.reading import Reader

_ALL = Knowledge(everything=True)


def both(node: Node) -> Iterator[Node]:
    """Yield the parts that all must hold."""
    if isinstance(node, Call) and node.function == "_&&_":
        for part in node.arguments:
            yield from both(part)
    else:
        yield node


def either(node: Node) -> Iterator[Node]:
    """Yield the parts of which one must hold."""
    if isinstance(node, Call) and node.function == "_||_":
        for part in node.arguments:
            yield from either(part)
    else:
        yield node


def facts(node: Node, reader: "Reader", roles: "Mapping[str, Role]") -> Knowledge:
    """Return what is known where a condition holds; what this does not understand says nothing."""
    parts, choices = list(both(node)), list(either(node))
    if len(parts) > 1:
        known = NOTHING
        for part in parts:
            known &= facts(part, reader, roles)
        return known
    if len(choices) > 1:
        return one_of(*(facts(choice, reader, roles) for choice in choices))
    return _fact(node, reader, roles) if isinstance(node, Call) else _of_me(spelled(node), roles)


def _fact(node: Call, reader: "Reader", roles: "Mapping[str, Role]") -> Knowledge:
    match node:
        case Call(function="_==_", arguments=(one, other)):
            return _equal(one, other, reader)
        case Call(function="@in", arguments=(Constant(value=str(role)), within)) if spelled(within) == "me.roles":
            return _has_role(roles.get(role))
        case Call(function="is_set", target=None, arguments=(path,)) if spelled(path):
            return Knowledge(present=frozenset({spelled(path)}))
        case Call(function="!_", arguments=(denied,)):
            return otherwise(denied)
        case _:
            return NOTHING


def _of_me(path: str, roles: "Mapping[str, Role]") -> Knowledge:
    if path == "me.admin":
        return one_of(*(_has_role(role) for role in roles.values() if role.admin))
    return belongs(MEMBERS) if path == "me.member" else NOTHING


def holding(expression: "Expression", reader: "Reader") -> Knowledge:
    """Return the conditions of audiences that hold where a condition does, told by their having the same words."""
    entities = {path[:-1] for path in expression.reads}
    if len(entities) != 1 or expression.lookups:
        return NOTHING
    path = entities.pop()
    walked = reader.names.walk(path, reader.text) if path else None
    if walked is None or walked.end.kind is None:
        return NOTHING
    words = re.sub(rf"(?<![\w.]){re.escape('.'.join(path))}\.", "self.", expression.source)
    condition = reader.names.condition(words, walked.end.point, walked.end.kind)
    return Knowledge(holding=frozenset(parts_of(condition)))


def otherwise(node: Node) -> Knowledge:
    """Return what is known where a condition does not hold."""
    match node:
        case Call(function="is_set", target=None, arguments=(path,)) if spelled(path):
            return Knowledge(absent=frozenset({spelled(path)}))
        case Call(function="!_", arguments=(Call(function="is_set", target=None, arguments=(path,)),)) if spelled(path):
            return Knowledge(present=frozenset({spelled(path)}))
    return NOTHING


def _equal(one: Node, other: Node, reader: "Reader") -> Knowledge:
    for path, value in ((one, other), (other, one)):
        if spelled(value) == "me.id" and isinstance(path, Selection) and path.field == "owner":
            entity = reader.path(path.operand)
            return owned(entity.end.point, str(entity.end.kind), reader.names) if entity else NOTHING
        if spelled(path) == "me.kind" and isinstance(value, Constant) and value.value == "world":
            # Nobody is told what the world itself is told.
            return _ALL
    points = [entity_named(node, reader) for node in (one, other)]
    if None in points:
        return NOTHING
    return same(*[point for point in points if point])


def owned(point: Point, kind: str, names: "Names") -> Knowledge:
    """Return that who acts owns an entity."""
    return belongs(names.owner(point, kind))


def same(one: Point, other: Point) -> Knowledge:
    """Return that two paths lead to the same entity."""
    return Knowledge(same=frozenset({(one, other)})) if one != other else NOTHING


def owner_is(circle: Circle, other: Circle) -> Knowledge:
    """Return that two entities have the same owner."""
    return Knowledge(equal=frozenset({(circle, other)}))


def seen(point: Point, kind: str, names: "Names", roles: "Mapping[str, Role]") -> Knowledge:
    """Return that who acts sees an entity, and so belongs to one of the circles that see any part of it."""
    circles = sorted(names.entity_circles(point, kind), key=str)
    known = [_has_role(roles.get(str(each.role))) if each.role else belongs(each) for each in circles]
    return one_of(*(each for each in known if each != _ALL)) if set(known) - {_ALL} else _ALL


def entity_named(node: Node, reader: "Reader") -> Point | None:
    """Return the point of the entity whose id a node is."""
    if isinstance(node, Selection) and node.field == "id" and not node.test:
        walked = reader.path(node.operand)
        return walked.end.point if walked and walked.end.kind else None
    walked = reader.path(node) if isinstance(node, Name | Selection) else None
    return walked.end.point if walked and walked.end.type.base is Base.REF else None


def field_read(node: Node, reader: "Reader") -> Point | None:
    """Return the field whose value a node is, or the entity whose id it is."""
    found = entity_named(node, reader)
    walked = reader.path(node) if found is None and isinstance(node, Name | Selection) else None
    return found or (walked.end.point if walked and len(walked.end.point) > 1 else None)


def _has_role(role: "Role | None") -> Knowledge:
    if role is None:
        return NOTHING
    return _ALL if role.sees_everything else belongs(Circle(Term.ROLE, role.name))


def spelled(node: Node) -> str:
    """Return a path as it is written, or nothing where a node is none."""
    chain = chain_of(node)
    return ".".join(step.name for step in chain.path) if isinstance(chain.base, Name) and not chain.test else ""
