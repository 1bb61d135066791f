"""Follows what kinds tell by themselves: computed fields, and audiences under a condition; not what rules tell."""

from typing import TYPE_CHECKING

from reality_engine.expressions.types import entity_of
from reality_engine.packs.flow.circles import NOBODY, Circles, Step
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.names import Moves, Names
from reality_engine.packs.flow.reading import Reader
from reality_engine.packs.flow.sources import Label, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reality_engine.packs.audience import Audience
    from reality_engine.packs.compiled import Kind, Role
    from reality_engine.packs.source import Spot

_SELF = (Step("self"),)


def follow_field(kind: "Kind", name: str, spot: "Spot", following: Following) -> None:
    """Follow what a field tells of others: those it is computed from, and those that decide who sees it."""
    field = kind.fields[name]
    if field.computed is not None:
        at = spot / "computed"
        reader = Reader(following.names, Text(at.within), field.computed.source)
        circles = following.names.field_circles(_SELF, kind.name, name)
        following.tell(Outcome(circles, f"the computed field '{name}'", at.place), reader.label())
    follow_audience(kind, kind.facets[field.facet].audience, spot / "visible_to", following)


def follow_audience(kind: "Kind", audience: "Audience", spot: "Spot", following: Following) -> None:
    """Follow the conditions of an audience to those whom it lets see."""
    for at in _conditions(spot):
        told: Circles = NOBODY
        label: Label = ()
        for seer in audience:
            if seer.when is not None and seer.when.source == (at / "when").data:
                told |= following.names.audience((seer,), _SELF, kind.name)
                label = Reader(following.names, Text((at / "when").within), seer.when.source).label()
        following.tell(Outcome(told, "what they see under this condition", (at / "when").place), label)


def _conditions(spot: "Spot") -> "Iterator[Spot]":
    terms = spot.data if isinstance(spot.data, list) else []
    for index, term in enumerate(terms):
        if isinstance(term, dict):
            yield spot / index


def own_names(kinds: "Mapping[str, Kind]", roles: "Mapping[str, Role]", moves: Moves, kind: str) -> Following:
    """Return a beginning for what a kind says of itself."""
    names = Names(kinds, moves=moves)
    names.bind("self", entity_of(kind), point=_SELF)
    return Following(roles, names)
