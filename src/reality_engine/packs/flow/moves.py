"""Follows reveal and conceal, which move the audience of a field; not the writes to it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from reality_engine.packs.audience import Term
from reality_engine.packs.effects import Conceal, ConcealEvent, Effect, Reveal, RevealEvent
from reality_engine.packs.flow.circles import NOBODY, SHOWN_EVENT, Circle, Step
from reality_engine.packs.flow.events import tell_event
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.knowledge import Knowledge
from reality_engine.packs.flow.names import Moves
from reality_engine.packs.flow.sources import Text
from reality_engine.packs.flow.writes import reached

if TYPE_CHECKING:
    from reality_engine.packs.audience import Seer
    from reality_engine.packs.effects import Slot
    from reality_engine.packs.flow.circles import Point
    from reality_engine.packs.flow.sources import Source
    from reality_engine.packs.source import Spot


def moves_of(effects: Iterable[Effect]) -> Moves:
    """Return what the effects of a pack reveal and conceal."""
    revealed: dict[tuple[str, str], tuple[Seer, ...]] = {}
    concealed = set()
    for effect in effects:
        if isinstance(effect, Reveal):
            key = effect.slot.kind, effect.slot.field
            revealed[key] = (*revealed.get(key, ()), *effect.audience)
        elif isinstance(effect, Conceal):
            concealed.add((effect.slot.kind, effect.slot.field))
    return Moves(revealed, frozenset(concealed))


def follow_reveal(effect: Reveal, spot: "Spot", rule: Following) -> None:
    """Follow why a field is revealed, to those to whom it is; of the field itself the effect is the declaration."""
    at, slot = spot / "reveal", effect.slot
    point, way = reached(slot.entity, Text((at / "field").within), rule)
    others = tuple(each for each in rule.carried if not _is(each.source, slot, point, rule))
    outcome = Outcome(NOBODY, f"the reveal of {'.'.join((*slot.entity, slot.field))}", at.key)
    tell_event(replace(rule, carried=others), effect.audience, at / "to", outcome, way)
    shown = rule.names.revealed_to(point, slot.kind, slot.field)
    for seer in effect.audience:
        if seer.when is None:
            circle, _ = rule.names.event_circle(seer, Text(lambda _: at.place))
            rule.known &= Knowledge(inside=frozenset({(circle, shown)}))


def _is(source: "Source", slot: "Slot", point: "Point", rule: Following) -> bool:
    same = rule.known.point(source.point) == rule.known.point(point)
    return same and source.field == (slot.kind, slot.field)


def follow_conceal(effect: Conceal, spot: "Spot", rule: Following) -> None:
    """Follow why a field is concealed, to all who see it, since it goes before their eyes."""
    at, slot = spot / "conceal", effect.slot
    point, way = reached(slot.entity, Text((at / "field").within), rule)
    circles = rule.names.field_circles(point, slot.kind, slot.field)
    name = ".".join((*slot.entity, slot.field))
    rule.tell(Outcome(circles, f"the concealing of {name}", at.key), way)
    outcome = Outcome(NOBODY, f"the concealing of {name}", at.key)
    tell_event(rule, effect.audience or (), at / "from", outcome, way)


def follow_reveal_event(effect: RevealEvent, spot: "Spot", rule: Following) -> None:
    """Follow why an event is revealed, to those to whom it is; of the event itself the effect is the declaration."""
    at = spot / "reveal"
    tell_event(rule, effect.audience, at / "to", Outcome(NOBODY, f"the reveal of {'.'.join(effect.event)}", at.key), ())


def follow_conceal_event(effect: ConcealEvent, spot: "Spot", rule: Following) -> None:
    """Follow why an event is concealed, to all who see it, whoever they are."""
    at, name = spot / "conceal", ".".join(effect.event)
    seers = Circle(Term.EVERYONE, point=tuple(Step(each) for each in effect.event), field=SHOWN_EVENT)
    rule.tell(Outcome(frozenset({seers}), f"the concealing of {name}", at.key))
    tell_event(rule, effect.audience or (), at / "from", Outcome(NOBODY, f"the concealing of {name}", at.key), ())
