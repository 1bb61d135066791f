"""Follows effects that make, end and hand over entities: create, ensure, delete, restore, own; not writes to fields."""

from typing import TYPE_CHECKING

from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.syntax import Name, Selection
from reality_engine.expressions.types import entity_of
from reality_engine.packs.audience import Term
from reality_engine.packs.effects import Create, Delete, Ensure, Own, Restore, Slot
from reality_engine.packs.flow.circles import Circle, Point
from reality_engine.packs.flow.facts import owned, owner_is
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.knowledge import NOTHING, Knowledge
from reality_engine.packs.flow.moment import OWNER
from reality_engine.packs.flow.refusals import value_may_misfit
from reality_engine.packs.flow.sources import Label, Text, merged
from reality_engine.packs.flow.writes import (
    keep_invariants,
    leads_to,
    operand,
    reached,
    read_by,
    refuse_what_is_gone,
    taken,
)

if TYPE_CHECKING:
    from reality_engine.packs.effects import Operand
    from reality_engine.packs.flow.reading import Reader
    from reality_engine.packs.source import Spot


def follow_create(effect: Create, spot: "Spot", rule: Following) -> None:
    """Follow what an entity is made of, and that it is made."""
    name = effect.name or f"the new {effect.kind}"
    point = rule.names.entity(name, effect.kind)
    rule.names.moment.fresh.add(point)
    _make(effect, spot / "create", name, point, rule)


def follow_ensure(effect: Ensure, spot: "Spot", rule: Following) -> None:
    """Follow which entity is found, whether one is made, and what of."""
    at, wanted = spot / "ensure", effect.create
    _, key = operand(wanted.fields[effect.by], at / "fields" / effect.by, rule)
    found = (*key, taken(wanted.kind, effect.by, (at / "by").place, rule))
    name = wanted.name or f"the {wanted.kind}"
    point = rule.names.bind(name, entity_of(wanted.kind), found).point
    _make(wanted, at, name, point, rule.inside(found, "ensure"))


def _make(effect: Create, at: "Spot", name: str, point: Point, rule: Following) -> None:
    kind, place = rule.names.kinds[effect.kind], at.key
    readers = {field: operand(value, at / "fields" / field, rule) for field, value in effect.fields.items()}
    for field in kind.fields:
        reader, _ = readers.get(field, (None, ()))
        leads_to(Slot((name,), effect.kind, field), point, reader, rule)
    owner = _owner(effect.owner, at / "owner", point, effect.kind, rule) if effect.owner is not None else ()
    rule.tell(Outcome(rule.names.entity_circles(point, effect.kind), f"the making of {name}", place))
    for field, (reader, label) in readers.items():
        _fill(Slot((name,), effect.kind, field), point, at / "fields" / field, reader, label, rule)
    for field in kind.fields:
        # Defaults are written in the pack, and so known.
        if field not in readers or not readers[field][1]:
            rule.names.moment.tell(point, effect.kind, field)
    for invariant in kind.invariants:
        label = merged(*(readers[field][1] for field in sorted(read_by(invariant, kind)) if field in readers))
        rule.refuse(label, f"where {effect.kind} is not as it must be (line {invariant.place.line})", place)
    if effect.owner is not None:
        circles = rule.names.owner_circles(point, effect.kind)
        rule.tell(Outcome(circles, f"the owner of {name}", (at / "owner").place), owner)


def _fill(slot: Slot, point: Point, spot: "Spot", reader: "Reader | None", label: Label, rule: Following) -> None:
    refuse_what_is_gone(reader, rule, spot.key)
    field, what = rule.names.kinds[slot.kind].fields[slot.field], f"{slot.entity[0]}.{slot.field}"
    rule.tell(Outcome(rule.names.field_circles(point, slot.kind, slot.field), what, spot.key), label)
    if rule.names.joins(slot.kind, slot.field):
        sights = frozenset({rule.names.owner(point, slot.kind)})
        rule.tell(Outcome(sights, f"what {what} lets them see", spot.key), label)
    if reader is not None and value_may_misfit(reader, field.value):
        rule.refuse(label, f"where {slot.kind}.{slot.field} cannot hold this", spot.key)
    if field.unique and point in rule.names.moment.fresh:
        rule.refuse((taken(slot.kind, slot.field, spot.key, rule),), "where the value is taken", spot.key)


def follow_delete(effect: Delete, spot: "Spot", rule: Following) -> None:
    """Follow that an entity goes."""
    _end(effect.entity, spot / "delete", "the end", rule)


def follow_restore(effect: Restore, spot: "Spot", rule: Following) -> None:
    """Follow that an entity comes back; somebody may have its unique values by now."""
    at = spot / "restore"
    _, kind = _end(effect.entity, at, "the return", rule)
    for field in rule.names.kinds[kind].fields.values():
        if field.unique:
            rule.refuse((taken(kind, field.name, at.place, rule),), f"where its {field.name} is taken", at.place)


def _end(path: "tuple[str, ...]", at: "Spot", what: str, rule: Following) -> tuple[Point, str]:
    point, way = reached(path, Text(at.within), rule)
    kind = str(rule.names.walk(path, Text(at.within)).end.kind)
    circles = rule.names.entity_circles(point, kind)
    if rule.names.joins(kind):
        circles |= {rule.names.owner(point, kind)}
    rule.tell(Outcome(circles, f"{what} of {'.'.join(path)}", at.place), way)
    return point, kind


def follow_own(effect: Own, spot: "Spot", rule: Following) -> None:
    """Follow who is the new owner, to those who see the owner, and to the old and the new one."""
    at = spot / "own"
    path = effect.entity
    point, way = reached(path, Text((at / "entity").within), rule)
    kind = str(rule.names.walk(path, Text((at / "entity").within)).end.kind)
    people = {rule.names.owner(point, kind)}
    rule.names.moment.change(point, kind, OWNER)
    label = merged(way, _owner(effect.owner, at / "owner", point, kind, rule))
    name = ".".join(path)
    rule.tell(Outcome(rule.names.owner_circles(point, kind), f"the owner of {name}", at.key), label)
    theirs = any(seer.term is Term.OWNER for facet in rule.names.kinds[kind].facets for seer in facet.audience)
    if theirs or rule.names.joins(kind):
        people.add(rule.names.owner(point, kind))
        rule.tell(Outcome(frozenset(people), f"what the owner of {name} sees", at.key), way)
    keep_invariants(Slot(path, kind, OWNER), point, at.key, label, rule)


def _owner(owner: "Operand", at: "Spot", point: Point, kind: str, rule: Following) -> Label:
    """Follow who comes to own an entity; somebody who is no member is refused."""
    reader, label = operand(owner, at, rule)
    rule.refuse(label, "where the owner is no member", at.place)
    rule.known &= _owned_by(reader, rule.names.owner(point, kind), point, kind, rule)
    return label


def _owned_by(reader: "Reader | None", new: Circle, point: Point, kind: str, rule: Following) -> Knowledge:
    """Return what is known of an owner who is who acts, or the owner of something else."""
    root = reader.root if reader else None
    if reader is None or not isinstance(root, Name | Selection):
        return NOTHING
    if ".".join(step.name for step in chain_of(root).path) == "me.id":
        return owned(point, kind, rule.names)
    if isinstance(root, Selection) and root.field == OWNER:
        other = reader.path(root.operand)
        if other is not None and other.end.kind:
            return owner_is(new, rule.names.owner(other.end.point, other.end.kind))
    return NOTHING
