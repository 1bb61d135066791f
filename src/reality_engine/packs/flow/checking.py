"""Checks what flows where in a whole pack: kinds, actions, reactions; not how any of them is followed."""

from typing import TYPE_CHECKING

from reality_engine.packs.flow.disclosures import Disclosure, covers, disclosed
from reality_engine.packs.flow.kinds import follow_audience, follow_field, own_names
from reality_engine.packs.flow.rules import Rules, follow_action, follow_reaction
from reality_engine.packs.flow.undos import follow_undo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.compiled import Kind, Reaction
    from reality_engine.packs.flow.following import Flow, Following
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
    answered = {reaction.event for reaction, _ in rules.reactions}
    followed = {
        name: follow_action(action, spot, rules)
        for name, (action, spot) in rules.actions.items()
        if not action.core or name in answered
    }
    flows = {name: list(rule.flows) for name, rule in followed.items()}
    reacting: list[Disclosure] = []
    for reaction, spot in rules.reactions:
        own, of_action = _divided(follow_reaction(reaction, spot, rules, followed).flows, reaction, rules, followed)
        flows.setdefault(reaction.event, []).extend(of_action)
        reacting += disclosed(reaction.name, reaction.discloses, spot / "discloses", own, problems)
    for name, (action, spot) in rules.actions.items():
        if not action.core:
            flows[name] += follow_undo(action, spot, rules, problems)
            found += disclosed(name, action.discloses, spot / "discloses", flows[name], problems)
    return (*found, *reacting)


def _divided(
    flows: "Sequence[Flow]", reaction: "Reaction", rules: Rules, followed: "Mapping[str, Following]"
) -> "tuple[list[Flow], list[Flow]]":
    """Divide the flows of a reaction into its own and those of what allowed its action, as far as that says so.

    What the action should have said, but does not, is told there as well, and once.
    """
    if reaction.event not in followed or rules.actions[reaction.event][0].core:
        return list(flows), []
    action, before = rules.actions[reaction.event][0], followed[reaction.event]
    inherited = {each.source for each in before.carried}
    told = {flow.source for flow in before.flows}
    of_action = [
        flow
        for flow in flows
        if flow.source in inherited
        and (flow.source in told or any(covers(path, flow.source) for path in action.discloses))
    ]
    return [flow for flow in flows if flow not in of_action], of_action


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
