"""Follows effects that write one field: set, add, remove, draw, shuffle; not those that make or end entities."""

from typing import TYPE_CHECKING

from reality_engine.expressions.types import Base
from reality_engine.packs.effects import Add, Draw, Literal, Operand, Remove, Set, Shuffle, Slot
from reality_engine.packs.flow.beyond import names_boundless
from reality_engine.packs.flow.circles import Point, Step
from reality_engine.packs.flow.facts import field_read, same
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.knowledge import Knowledge
from reality_engine.packs.flow.names import fields_that_decide
from reality_engine.packs.flow.reading import element_type
from reality_engine.packs.flow.refusals import bounded, value_may_misfit
from reality_engine.packs.flow.sources import Label, Source, Text, merged, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reality_engine.packs.compiled import Kind, Requirement
    from reality_engine.packs.flow.reading import Reader
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot


def follow_set(effect: Set, spot: "Spot", rule: Following) -> None:
    """Follow a value into a field."""
    slot, place = effect.slot, spot.key
    point, way = reached(effect.slot.entity, Text(spot.within_key), rule)
    reader, label = operand(effect.value, spot, rule)
    field = rule.names.kinds[slot.kind].fields[slot.field]
    if reader is not None and value_may_misfit(reader, field.value):
        rule.refuse(label, f"where {slot.kind}.{slot.field} cannot hold this", place)
    refuse_what_is_gone(reader, rule, place)
    _write(slot, point, place, rule, merged(way, label), reader)
    keep_invariants(slot, point, place, label, rule)


def follow_add(effect: Add, spot: "Spot", rule: Following) -> None:
    """Follow a value that is added to a field, whose bounds may refuse it for what the field holds."""
    slot, place = effect.slot, spot.key
    point, way = reached(slot.entity, Text(spot.within_key), rule)
    reader, label = operand(effect.value, spot, rule)
    own = own_field(slot, point, place, rule)
    value = rule.names.kinds[slot.kind].fields[slot.field].value
    if reader is not None and value.base in ("integer", "number") and names_boundless(reader.root, reader):
        why = f"where {slot.kind}.{slot.field} cannot hold that much, for an input without bounds"
        rule.refuse(merged(label, own), why, place)
    elif bounded(value) and value.base not in ("set", "map"):
        rule.refuse(merged(label, own), f"where {slot.kind}.{slot.field} cannot hold that much", place)
    _write(slot, point, place, rule, merged(way, label))
    keep_invariants(slot, point, place, merged(label, own), rule)


def follow_remove(effect: Remove, spot: "Spot", rule: Following) -> None:
    """Follow a value that is taken out of a field."""
    slot, place = effect.slot, spot.key
    point, way = reached(slot.entity, Text(spot.within_key), rule)
    _, label = operand(effect.value, spot, rule)
    _write(slot, point, place, rule, merged(way, label))
    keep_invariants(slot, point, place, merged(label, own_field(slot, point, place, rule)), rule)


def follow_draw(effect: Draw, spot: "Spot", rule: Following) -> None:
    """Follow what is drawn to its name; an empty list refuses."""
    slot, at = effect.slot, spot / "draw" / "from"
    point, way = reached(slot.entity, Text(at.within), rule)
    own = own_field(slot, point, at.place, rule)
    rule.refuse(own, "where there is nothing to draw", at.place)
    _write(slot, point, at.place, rule, way)
    keep_invariants(slot, point, at.place, own, rule)
    held = rule.names.kinds[slot.kind].fields[slot.field].type.of
    rule.names.bind(effect.name, element_type(held), merged(way, own))


def follow_shuffle(effect: Shuffle, spot: "Spot", rule: Following) -> None:
    """Follow the new order of a list."""
    at = spot / "shuffle"
    point, way = reached(effect.slot.entity, Text(at.within), rule)
    _write(effect.slot, point, at.place, rule, way)


def reached(path: "tuple[str, ...]", text: Text, rule: Following) -> tuple[Point, Label]:
    """Return where an effect works and what that tells something of; where a ref on the way is empty, it refuses."""
    walked = rule.names.walk(path, text)
    if walked.end.type.base is Base.REF:
        rule.refuse(walked.label, f"where '{'.'.join(path)}' leads nowhere", text.place())
    return walked.end.point, walked.label


def operand(value: Operand, spot: "Spot", rule: Following) -> "tuple[Reader | None, Label]":
    """Follow a value without which the effect is refused."""
    return (None, ()) if isinstance(value, Literal) else rule.value(value, value_text(spot))


def own_field(slot: Slot, point: Point, place: "Place", rule: Following) -> Label:
    """Return what the field holds already, as something that is read."""
    declared = (*slot.entity, slot.field) if _declared(slot.entity, rule) else (slot.kind, slot.field)
    return (rule.names.source(point, slot.kind, slot.field, declared, Text(lambda _: place)),)


def _declared(path: "tuple[str, ...]", rule: Following) -> bool:
    start = rule.names.variables.get(path[0])
    return start is not None and bool(start.declared)


def _write(
    slot: Slot, point: Point, place: "Place", rule: Following, label: Label, reader: "Reader | None" = None
) -> None:
    """Tell all who see the field, before and after; and those to whom other fields come in sight by it, or go."""
    name, kind = ".".join((*slot.entity, slot.field)), rule.names.kinds[slot.kind]
    if kind.fields[slot.field].unique:
        rule.refuse((taken(slot.kind, slot.field, place, rule),), "where the value is taken", place)
    decided = tuple(seer for field, seer in fields_that_decide(kind) if field == slot.field)
    for moment in range(2):
        # Those who saw the field before see that it changes; who sees it after may be others.
        if moment:
            rule.names.moment.change(point, slot.kind, slot.field)
            rule.known = rule.known.forgetting(slot.field)
            leads_to(slot, point, reader, rule)
        rule.tell(Outcome(rule.names.field_circles(point, slot.kind, slot.field), name, place), label)
        sights = rule.names.audience(decided, point, slot.kind)
        if rule.names.joins(slot.kind, slot.field):
            sights |= {rule.names.owner(point, slot.kind)}
        rule.tell(Outcome(sights, f"what {name} lets them see", place), label)


def refuse_what_is_gone(reader: "Reader | None", rule: Following, place: "Place") -> None:
    """Tell who acts that what a ref leads to is no longer there, where another ref is set to the same."""
    walked = reader.path(reader.root) if reader is not None else None
    if walked is None or walked.end.type.base is not Base.REF or not walked.label:
        return
    if walked.end.kind not in rule.mortal:
        return
    held = walked.label[-1]
    circles = rule.names.entity_circles(walked.end.point, str(walked.end.kind))
    there = Source(held.path, held.text, None, circles, held.place)
    rule.refuse((there,), "where it leads to what is gone", place)


def taken(kind: str, field: str, place: "Place", rule: Following) -> Source:
    """Return that some entity of a kind has a value already, as something that is read."""
    return rule.names.source((Step(f"any {kind}"),), kind, field, (kind, field), Text(lambda _: place))


def leads_to(slot: Slot, point: Point, reader: "Reader | None", rule: Following) -> None:
    """Know that a field just set holds what another does, or leads nowhere any more."""
    further = rule.names.further(point, slot.kind, slot.field)
    if reader is None:
        if rule.names.kinds[slot.kind].fields[slot.field].type.base is Base.REF:
            rule.known &= Knowledge(nowhere=frozenset({further}))
        return
    to = field_read(reader.root, reader)
    if to is not None:
        rule.known &= same(further, to)
        if point not in rule.names.moment.fresh:
            rule.names.moment.settle(to)


def keep_invariants(slot: Slot, point: Point, place: "Place", label: Label, rule: Following) -> None:
    """Tell who acts of each invariant that the write could break, and of what its message says."""
    kind = rule.names.kinds[slot.kind]
    for invariant in kind.invariants:
        read = read_by(invariant, kind)
        if slot.field in read:
            others = [
                own_field(Slot(slot.entity, slot.kind, name), point, place, rule)
                for name in sorted(read - {slot.field})
            ]
            why = f"where {slot.kind} is not as it must be (line {invariant.place.line})"
            rule.refuse(merged(label, *others), why, place)


def read_by(invariant: "Requirement", kind: "Kind") -> frozenset[str]:
    """Return the fields that an invariant and its message read, those behind computed ones included."""
    paths = set(invariant.that.reads)
    for expression in invariant.message.expressions:
        paths |= expression.reads
    return frozenset(_behind({path[1] for path in paths if len(path) > 1}, kind))


def _behind(names: "Iterable[str]", kind: "Kind") -> set[str]:
    found: set[str] = set()
    for name in names:
        field = kind.fields.get(name)
        found.add(name)
        if field is not None and field.computed is not None:
            found |= _behind({path[1] for path in field.computed.reads if len(path) > 1}, kind)
    return found - {"id"}
