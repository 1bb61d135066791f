"""Checks what flows where in a whole pack: kinds, actions, reactions; not how any of them is followed."""

from typing import TYPE_CHECKING

from reality_engine.packs.flow.disclosures import Disclosure, disclosed
from reality_engine.packs.flow.kinds import follow_audience, follow_field, own_names
from reality_engine.packs.flow.rules import Rules, follow_action, follow_reaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.compiled import Kind
    from reality_engine.packs.flow.following import Following
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot


def check_flows(rules: Rules, kinds: "Mapping[str, Spot]", problems: "Problems") -> tuple[Disclosure, ...]:
    """Tell every flow that is not declared; return those that are, with what they let flow.

    `kinds` are the pack's own kinds with their places; rules of the core pack are followed where the pack's own go on
    from them, and trusted themselves.
    """
    found: list[Disclosure] = []
    for name, spot in kinds.items():
        found += _kind(rules.kinds[name], spot, rules, problems)
    followed: dict[str, Following] = {}
    answered = {reaction.event for reaction, _ in rules.reactions}
    for name, (action, spot) in rules.actions.items():
        if not action.core or name in answered:
            followed[name] = follow_action(action, spot, rules)
        if not action.core:
            found += disclosed(name, action.discloses, spot / "discloses", followed[name].flows, problems)
    for reaction, spot in rules.reactions:
        flows = follow_reaction(reaction, spot, rules, followed).flows
        found += disclosed(reaction.name, reaction.discloses, spot / "discloses", flows, problems)
    return tuple(found)


def _kind(kind: "Kind", spot: "Spot", rules: Rules, problems: "Problems") -> "Iterator[Disclosure]":
    whole = own_names(rules.kinds, rules.roles, rules.moves, kind.name)
    follow_audience(kind, kind.facets[0].audience, spot / "visible_to", whole)
    follow_audience(kind, kind.facets[kind.owner_facet].audience, spot / "owner_visible_to", whole)
    yield from disclosed(kind.name, _declared(spot / "discloses"), spot / "discloses", whole.flows, problems)
    for name in kind.fields:
        at, part = spot / "fields" / name, own_names(rules.kinds, rules.roles, rules.moves, kind.name)
        follow_field(kind, name, at, part)
        where = f"{kind.name}.{name}"
        yield from disclosed(where, _declared(at / "discloses"), at / "discloses", part.flows, problems)


def _declared(spot: "Spot") -> "tuple[Path, ...]":
    written = spot.data if isinstance(spot.data, list) else []
    return tuple(tuple(str(path).split(".")) for path in written)
