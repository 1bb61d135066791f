"""Follows what events tell to those who see them, and what they are seen by in turn; not what the effects change."""

from dataclasses import replace
from typing import TYPE_CHECKING

from reality_engine.packs.audience import Audience, Term
from reality_engine.packs.flow.circles import Circle, Circles
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.knowledge import NOTHING
from reality_engine.packs.flow.sources import Label, Text, merged
from reality_engine.packs.place import Place

if TYPE_CHECKING:
    from reality_engine.packs.effects import Emit
    from reality_engine.packs.flow.names import Names
    from reality_engine.packs.source import Spot


def tell_event(rule: Following, audience: Audience, spot: "Spot", outcome: Outcome, label: Label) -> None:
    """Tell a part of an event to each circle of its audience, who learn besides why they are meant."""
    for seer, at in zip(audience, _terms(spot, len(audience)), strict=True):
        there = Text(at.within)
        circle, way = rule.names.event_circle(seer, there)
        decided, known, _ = rule.condition(seer.when, there) if seer.when is not None else ((), NOTHING, NOTHING)
        telling = replace(rule, known=rule.known & known)
        telling.tell(replace(outcome, circles=frozenset({circle})), merged(label, way, decided))


def _terms(spot: "Spot", count: int) -> "list[Spot]":
    """Return where each term of an audience stands; for those under a condition, where the condition does."""
    found: list[Spot] = []
    for index, term in enumerate(spot.data if isinstance(spot.data, list) else []):
        to = term.get("to") if isinstance(term, dict) else None
        found += [spot / index / "when"] * len(to) if isinstance(to, list) else [spot / index]
    return found if len(found) == count else [spot] * count


def emission_circles(emit: "Emit", names: "Names") -> Circles:
    """Return who sees an emitted event, in the names of a reaction to it; a term that these cannot say is left out."""
    found: set[Circle] = set()
    nowhere = Text(lambda _: Place("", 1, 1))
    about = emit.entity or ()
    for seer in emit.audience:
        if seer.when is not None:
            continue
        if seer.term not in (Term.GROUP_OF, Term.OWNER_OF):
            found.add(names.event_circle(seer, nowhere)[0])
        elif about and seer.path[: len(about)] == about and "entity" in names.variables:
            further = replace(seer, path=("entity", *seer.path[len(about) :]))
            found.add(names.event_circle(further, nowhere)[0])
    return frozenset(found)
