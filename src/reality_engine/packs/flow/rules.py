"""Follows whole rules, actions and the reactions to what they do; not their single effects."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from reality_engine.expressions.types import TEXT, Type, record_of
from reality_engine.packs.effects import Effect, Emit, ForEach, If
from reality_engine.packs.flow.circles import ACTOR, MEMBERS, NOBODY, Circles, Step
from reality_engine.packs.flow.effects import changed_by, follow_effects, unsettle
from reality_engine.packs.flow.events import emission_circles, tell_event
from reality_engine.packs.flow.facts import owned, seen
from reality_engine.packs.flow.following import Following, Outcome
from reality_engine.packs.flow.knowledge import belongs
from reality_engine.packs.flow.lives import deleted_by
from reality_engine.packs.flow.moves import moves_of
from reality_engine.packs.flow.names import Moves, Names
from reality_engine.packs.flow.reading import Reader
from reality_engine.packs.flow.refusals import taken_away
from reality_engine.packs.flow.sources import Source, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reality_engine.packs.compiled import Action, Kind, Reaction, Requirement, Role
    from reality_engine.packs.source import Spot

# What reactions to an action can name of what the action could.
_SHARED: Final = ("world", "actor", "target", "input")
_METERS: Final = ("meter.filled", "meter.emptied")


@dataclass(frozen=True)
class Rules:
    """All rules of a pack and of the core pack, each with its place; `emitted` is what is known of emitted events."""

    roles: "Mapping[str, Role]"
    kinds: "Mapping[str, Kind]"
    actions: "Mapping[str, tuple[Action, Spot]]"
    reactions: "Sequence[tuple[Reaction, Spot]]"
    emitted: Mapping[str, tuple[Mapping[str, Type], str | None]]
    gone: frozenset[tuple[str, str]] = field(init=False)
    moves: Moves = field(init=False)
    mortal: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Look once for what no field can be relied upon to hold."""
        object.__setattr__(self, "gone", taken_away(every(self.effects)))
        object.__setattr__(self, "moves", moves_of(every(self.effects)))
        object.__setattr__(self, "mortal", frozenset(self._deleted()))

    def _deleted(self) -> "Iterator[str]":
        world = {"world": "world"}
        for action, _ in self.actions.values():
            named = {"actor": action.actor, "target": action.target}
            yield from deleted_by(
                action.effects, world | {name: kind for name, kind in named.items() if kind}, self.kinds
            )
        for reaction, _ in self.reactions:
            answered = self.actions.get(reaction.event)
            named = (
                {"actor": answered[0].actor, "target": answered[0].target} if answered else {"entity": reaction.kind}
            )
            known = {name: kind for name, kind in named.items() if kind}
            yield from deleted_by(reaction.effects, world | known, self.kinds)

    @property
    def effects(self) -> "Iterator[Effect]":
        """All effects of all rules."""
        for action, _ in self.actions.values():
            yield from action.effects
        for reaction, _ in self.reactions:
            yield from reaction.effects


def every(effects: "Iterable[Effect]") -> "Iterator[Effect]":
    """Yield effects, and those inside of them."""
    for effect in effects:
        yield effect
        if isinstance(effect, If):
            yield from every((*effect.then, *effect.otherwise))
        elif isinstance(effect, ForEach):
            yield from every(effect.effects)


def follow_action(action: "Action", spot: "Spot", rules: Rules) -> Following:
    """Follow an action."""
    rule = _begun(action, rules)
    reader = Reader(rule.names, Text((spot / "allow").within), action.allow.source)
    rule.ask(reader, "allow")
    rule.carry(reader.label(), "allow", asked=True)
    _require(action.require, spot / "require", rule)
    if action.approval is not None and action.approval.unless is not None:
        at = spot / "approval" / "unless"
        unless = Reader(rule.names, Text(at.within), action.approval.unless.source)
        rule.tell(Outcome(_who_acts(), "whether somebody must approve", at.place), unless.label())
        rule.carry(unless.label(), "unless", asked=True)
    _bring_about(action, spot, rule)
    return rule


def _begun(action: "Action", rules: Rules) -> Following:
    names = _names(rules)
    names.inputs = {name: each.value for name, each in action.inputs.items()}
    given = names.bind("input", record_of(**{name: each.type for name, each in action.inputs.items()})).point
    rule = Following(rules.roles, names, rules.gone, rules.mortal)
    if action.members_only:
        rule.known &= belongs(MEMBERS)
    if action.actor is not None:
        rule.known &= owned(names.entity("actor", action.actor), action.actor, names)
    if action.target is not None:
        rule.known &= seen(names.entity("target", action.target), action.target, names, rules.roles)
    for name, each in action.inputs.items():
        if each.value.base == "ref" and each.value.kind:
            rule.known &= seen((*given, Step(name)), each.value.kind, names, rules.roles)
    return rule


def _names(rules: Rules) -> Names:
    names = Names(rules.kinds, moves=rules.moves)
    names.entity("world", "world")
    return names


def _require(requirements: "Sequence[Requirement]", spot: "Spot", rule: Following) -> None:
    asked = rule.known
    for index, each in enumerate(requirements):
        at = spot / index
        one = replace(rule, known=asked)
        reader = Reader(rule.names, Text((at / "that").within), each.that.source)
        told = Outcome(_who_acts(), "the message", (at / "else").place)
        replace(one, carried=()).tell(told, one.read(each.message, at / "else"))
        one.ask(reader, "require")
        rule.known &= one.known
        rule.carry(reader.label(), "require", asked=True)


def _bring_about(rule_of: "Action | Reaction", spot: "Spot", rule: Following) -> None:
    follow_effects(rule_of.effects, spot / "effects", rule)
    seers, at = rule_of.audience, spot / "visible_to"
    for outcome, thrown in rule.thrown:
        tell_event(replace(thrown, names=rule.names), seers, at, outcome, ())
    tell_event(rule, seers, at, Outcome(NOBODY, "the event", spot.key), ())
    if rule_of.narrative is not None:
        narrative = spot / "narrative"
        told = Outcome(NOBODY, "the narrative", narrative.place)
        tell_event(rule, seers, at, told, rule.read(rule_of.narrative, narrative))


def follow_reaction(reaction: "Reaction", spot: "Spot", rules: Rules, followed: Mapping[str, Following]) -> Following:
    """Follow a reaction, to an action that has been followed, or to another event."""
    if reaction.event in rules.actions:
        rule = _after_action(rules, followed[reaction.event])
    else:
        rule = _after_event(reaction, spot, rules)
    if reaction.when is not None:
        label, known, _ = rule.condition(reaction.when, Text((spot / "when").within))
        rule.carry(label, "when")
        rule.known &= known
    _bring_about(reaction, spot, rule)
    return rule


def _after_action(rules: Rules, before: Following) -> Following:
    names = Names(rules.kinds, moment=copy.deepcopy(before.names.moment), inputs=before.names.inputs, moves=rules.moves)
    names.variables = {name: before.names.variables[name] for name in _SHARED if name in before.names.variables}
    names.bind("event", record_of(type=TEXT, by=TEXT))
    for other, _ in rules.reactions:
        unsettle(other.effects, names)
    return Following(rules.roles, names, rules.gone, rules.mortal, before.known, before.carried)


def _after_event(reaction: "Reaction", spot: "Spot", rules: Rules) -> Following:
    names = _names(rules)
    there = Text(lambda _: (spot / "to").place)
    if reaction.event in _METERS and reaction.kind and reaction.field:
        names.entity("entity", reaction.kind)
        told = [names.walk(("entity", reaction.field), there).label]
        names.bind("event", record_of(type=TEXT, by=TEXT))
    else:
        data, kind = rules.emitted.get(reaction.event, ({}, None))
        if kind is not None:
            names.entity("entity", kind)
        names.bind("event", record_of(type=TEXT, by=TEXT, data=record_of(**data)))
        emissions = [each for each in every(rules.effects) if isinstance(each, Emit) and each.type == reaction.event]
        told = [
            (Source(("event",), f"the event {each.type}", None, emission_circles(each, names), there.place()),)
            for each in emissions
        ]
    for causing in _causing(reaction, rules):
        unsettle(causing, names)
    rule = Following(rules.roles, names, rules.gone, rules.mortal)
    if all(action.members_only or action.core for action, _ in rules.actions.values()):
        rule.known &= belongs(MEMBERS)
    for label in told:
        rule.carry(label, "to")
    return rule


def _causing(reaction: "Reaction", rules: Rules) -> "Iterator[Sequence[Effect]]":
    """Yield the effects that may happen between the event and the reaction: of reactions, and of what causes it."""
    for other, _ in rules.reactions:
        yield other.effects
    for action, _ in rules.actions.values():
        emits = any(isinstance(each, Emit) and each.type == reaction.event for each in every(action.effects))
        if emits or (reaction.kind, reaction.field) in {each[1:] for each in changed_by(action.effects)}:
            yield action.effects


def _who_acts() -> Circles:
    return frozenset({ACTOR})
