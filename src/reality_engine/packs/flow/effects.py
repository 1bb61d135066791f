"""Follows lists of effects: events, dice, conditions and loops here; what changes entities in modules of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reality_engine.packs import effects as compiled
from reality_engine.packs.effects import Effect
from reality_engine.packs.flow.circles import NOBODY
from reality_engine.packs.flow.events import tell_event
from reality_engine.packs.flow.facts import seen, spelled
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.making import follow_create, follow_delete, follow_ensure, follow_own, follow_restore
from reality_engine.packs.flow.moment import OWNER
from reality_engine.packs.flow.moves import follow_conceal, follow_conceal_event, follow_reveal, follow_reveal_event
from reality_engine.packs.flow.names import Names
from reality_engine.packs.flow.reading import Reader, element_type
from reality_engine.packs.flow.refusals import may_fail
from reality_engine.packs.flow.sources import Label, Text, merged, value_text
from reality_engine.packs.flow.writes import (
    follow_add,
    follow_draw,
    follow_remove,
    follow_set,
    follow_shuffle,
    operand,
    reached,
)

if TYPE_CHECKING:
    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.source import Spot

_BY_FIELD: Final = frozenset({"set", "add", "remove"})


def follow_effects(effects: Sequence[Effect], spot: "Spot", rule: Following) -> None:
    """Follow effects in order; each is told what those before it have bound and changed."""
    for effect, at in zip(effects, _spots(spot), strict=True):
        _FOLLOWED[type(effect)](effect, at, rule)


def _spots(spot: "Spot") -> "Iterator[Spot]":
    """Yield where each compiled effect stands; those that name several fields are compiled to one for each."""
    written = spot.data if isinstance(spot.data, list) else []
    for index, each in enumerate(written):
        at = spot / index
        key = next(iter(each)) if isinstance(each, dict) else ""
        if key in _BY_FIELD and isinstance(each, dict):
            fields = each[key]
            yield from (at / key / str(field) for field in (fields if isinstance(fields, dict) else {}))
        else:
            yield at


def _emit(effect: compiled.Emit, spot: "Spot", rule: Following) -> None:
    at = spot / "emit"
    label: Label = ()
    if effect.entity is not None:
        label = reached(effect.entity, Text((at / "about").within), rule)[1]
    for name, value in effect.data.items():
        label = merged(label, operand(value, at / "data" / name, rule)[1])
    tell_event(rule, effect.audience, at / "visible_to", Outcome(NOBODY, f"the event {effect.type}", at.key), label)
    if effect.narrative is not None:
        narrative = at / "narrative"
        outcome = Outcome(NOBODY, "the narrative", narrative.place)
        tell_event(rule, effect.audience, at / "visible_to", outcome, rule.read(effect.narrative, narrative))


def _roll(effect: compiled.Roll, spot: "Spot", rule: Following) -> None:
    rule.thrown.append((Outcome(NOBODY, f"the roll '{effect.name}'", (spot / "roll").key), rule))


def _if(effect: compiled.If, spot: "Spot", rule: Following) -> None:
    label, known, denied = rule.condition(effect.condition, Text((spot / "if").within))
    with rule.names.moment.apart() as again:
        follow_effects(effect.then, spot / "then", rule.inside(label, "if", known))
        again()
        follow_effects(effect.otherwise, spot / "else", rule.inside(label, "if", denied))
    _forget((*effect.then, *effect.otherwise), rule)


def _for_each(effect: compiled.ForEach, spot: "Spot", rule: Following) -> None:
    at = spot / "for_each"
    item = rule.names.moment.begin(effect.item)
    reader = Reader(rule.names, value_text(at / "in"), effect.source.source, item)
    if reader.distinct:
        rule.names.moment.items.add(item)
    label = reader.label()
    if may_fail(reader.root, reader, rule.known, rule.gone):
        rule.refuse(label, "where this has no value", (at / "in").place)
    kind = element_type(effect.source.type.of)
    if kind.kind is not None and not reader.distinct:
        rule.refuse(label, "where an element of the list is gone", (at / "in").place)
    unsettle(effect.effects, rule.names, effect.item if reader.distinct else None)
    body = rule.inside(label, "for_each")
    body.names.bind(effect.item, kind, point=item)
    if kind.kind is not None and spelled(reader.root).startswith("input."):
        # The caller has named them, and so has seen them.
        body.known &= seen(item, kind.kind, rule.names, rule.roles)
    _forget(effect.effects, body)
    with rule.names.moment.apart():
        follow_effects(effect.effects, at / "do", body)
    _forget(effect.effects, rule)


def _forget(effects: Sequence[Effect], rule: Following) -> None:
    """Forget which fields have a value, as far as effects that may have happened write to them."""
    for _, _, field in changed_by(effects):
        rule.known = rule.known.forgetting(field)


def unsettle(effects: Sequence[Effect], names: Names, item: str | None = None) -> None:
    """Doubt where refs lead, and who owns, as far as effects change it that may have happened meanwhile.

    What other rounds of a loop write to their own `item` does not change that of this round.
    """
    for path, kind, name in changed_by(effects):
        for each in [held.name for held in names.kinds.values() if held.owned] if name == OWNER else [kind]:
            names.moment.change((), each, name, apart=path == (item,))


def changed_by(effects: Sequence[Effect]) -> "Iterator[tuple[Path, str, str]]":
    """Yield the entity, kind and field of each write; for a change of owner, the entity and `owner`."""
    for effect in effects:
        if isinstance(effect, compiled.Set | compiled.Add | compiled.Remove | compiled.Draw | compiled.Shuffle):
            yield effect.slot.entity, effect.slot.kind, effect.slot.field
        elif isinstance(effect, compiled.If):
            yield from changed_by((*effect.then, *effect.otherwise))
        elif isinstance(effect, compiled.ForEach):
            yield from changed_by(effect.effects)
        elif isinstance(effect, compiled.Own):
            yield effect.entity, "", OWNER


_FOLLOWED: Final[Mapping[type, Callable[[Any, Any, Following], None]]] = {
    compiled.Set: follow_set,
    compiled.Add: follow_add,
    compiled.Remove: follow_remove,
    compiled.Draw: follow_draw,
    compiled.Shuffle: follow_shuffle,
    compiled.Create: follow_create,
    compiled.Ensure: follow_ensure,
    compiled.Delete: follow_delete,
    compiled.Restore: follow_restore,
    compiled.Own: follow_own,
    compiled.Reveal: follow_reveal,
    compiled.Conceal: follow_conceal,
    compiled.RevealEvent: follow_reveal_event,
    compiled.ConcealEvent: follow_conceal_event,
    compiled.Emit: _emit,
    compiled.Roll: _roll,
    compiled.If: _if,
    compiled.ForEach: _for_each,
}
