"""What the answer to an undo tells: of all that an action may have changed, whether it is still as it was left."""

from typing import TYPE_CHECKING, Final

from reality_engine.packs.compiled import Action
from reality_engine.packs.effects import (
    Add,
    Conceal,
    ConcealEvent,
    Create,
    Delete,
    Draw,
    Effect,
    Emit,
    Ensure,
    ForEach,
    If,
    Own,
    Remove,
    Restore,
    Reveal,
    RevealEvent,
    Set,
    Shuffle,
)
from reality_engine.packs.flow.circles import EVERYONE, MEMBERS, Step
from reality_engine.packs.flow.effects import changed_by
from reality_engine.packs.flow.following import Flow, Outcome
from reality_engine.packs.flow.kinds import own_names
from reality_engine.packs.flow.lives import led_to
from reality_engine.packs.flow.reading import element_type
from reality_engine.packs.flow.rules import Rules, every
from reality_engine.packs.flow.sources import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reality_engine.packs.compiled import Kind, Reaction
    from reality_engine.packs.place import Place
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot

_METERS: Final = ("meter.filled", "meter.emptied")
_OWNER: Final = "owner"
# That an entity is there. It is told by who sees any of it, and has no name of its own.
_LIFE: Final = ""


def follow_undo(action: "Action", spot: "Spot", rules: Rules, problems: "Problems") -> "list[Flow]":
    """Return what may come to members who may undo what an action did, as far as not all members see it anyway."""
    if action.undo is None or action.core or action.undo[0].source.strip() == "false":
        return []
    place = (spot / "undo").place if isinstance(spot.data, dict) and "undo" in spot.data else spot.key
    reached = list(_reached(action, rules))
    effects = [*every(action.effects), *(each for reaction in reached for each in every(reaction.effects))]
    if any(isinstance(each, Reveal | Conceal | RevealEvent | ConcealEvent) for each in effects):
        message = f"who saw what before '{action.name}' is known to roles that see everything alone, who undo it anyway"
        problems.add(place, "bad_undo", message, 'leave undo out, or write: undo: "false"')
        return []
    touched = set(_touched(action.effects, _named(action, rules), rules.kinds))
    for reaction in reached:
        touched |= set(_touched(reaction.effects, _named(reaction, rules), rules.kinds))
    outcome = Outcome(frozenset({MEMBERS}), f"the answer to an undo of '{action.name}'", place)
    sources = (_source(kind, name, place, rules) for kind, name in sorted(touched | _read(touched, rules)))
    return [Flow(source, None, outcome, frozenset({MEMBERS})) for source in sources if not _open(source, rules)]


def _open(source: Source, rules: Rules) -> bool:
    """Say whether every member sees it, at all times: what may be concealed is not for all."""
    kind, name = source.path
    moved = name in rules.kinds[kind].fields and rules.kinds[kind].facets[rules.kinds[kind].fields[name].facet].moved
    return not moved and not source.circles.isdisjoint({EVERYONE, MEMBERS})


def _source(kind: str, name: str, place: "Place", rules: Rules) -> Source:
    own = rules.kinds[kind].facets[0].fields
    said = name or next(iter(own), _OWNER)
    names = own_names(rules.kinds, rules.roles, rules.moves, kind).names
    point = (Step("self"),)
    circles = names.field_circles(point, kind, name) if name else names.entity_circles(point, kind)
    return Source((kind, said), f"{kind}.{said}", (kind, said), circles, place)


def _read(touched: "set[tuple[str, str]]", rules: Rules) -> "set[tuple[str, str]]":
    """Return what else decides whether things may be as they were: invariants, unique values, what refs lead to."""
    found: set[tuple[str, str]] = set()
    for name in {kind for kind, _ in touched}:
        kind = rules.kinds[name]
        conditions = [one.that for one in kind.invariants]
        conditions += [each for field in kind.computed if (each := kind.fields[field].computed) is not None]
        if name in rules.mortal:
            found.add((name, _LIFE))
        found |= {(name, path[1]) for each in conditions for path in each.reads if path[1:] and path[1] in kind.fields}
    for name, field in touched:
        target = rules.kinds[name].fields[field].value.kind if field in rules.kinds[name].fields else None
        if target in rules.mortal:
            found.add((str(target), _LIFE))
        if field == _LIFE:
            found |= {(name, each) for each in rules.kinds[name].uniques}
    return found


def _reached(action: "Action", rules: Rules) -> "Iterator[Reaction]":
    """Yield the reactions that may come of an action, each once."""
    waiting: list[tuple[Effect, ...]] = [action.effects]
    types: set[object] = {action.name}
    left = [reaction for reaction, _ in rules.reactions]
    while waiting:
        effects = waiting.pop()
        types |= {each.type for each in every(effects) if isinstance(each, Emit)}
        types |= {(kind, field) for _, kind, field in changed_by(effects)}
        types |= {each.kind for each in _made(effects)}
        found = [each for each in left if _answers(each, types)]
        left = [each for each in left if each not in found]
        for reaction in found:
            types.add(reaction.name)
            waiting.append(reaction.effects)
            yield reaction


def _answers(reaction: "Reaction", types: "set[object]") -> bool:
    if reaction.event in _METERS:
        return (reaction.kind, reaction.field) in types or reaction.kind in types
    return reaction.event in types


def _made(effects: "Iterable[Effect]") -> "Iterator[Create]":
    for each in every(effects):
        if isinstance(each, Create | Ensure):
            yield each.create if isinstance(each, Ensure) else each


def _named(rule: "Action | Reaction", rules: Rules) -> "Mapping[str, str]":
    """Return the kinds of the names that the effects of a rule begin with, as far as they are known."""
    if isinstance(rule, Action):
        named = {"world": "world", "actor": rule.actor, "target": rule.target}
    elif rule.event in rules.actions:
        return _named(rules.actions[rule.event][0], rules)
    else:
        named = {"world": "world", "entity": rule.kind or rules.emitted.get(rule.event, ({}, None))[1]}
    return {name: kind for name, kind in named.items() if kind}


def _touched(
    effects: "Iterable[Effect]", bound: "Mapping[str, str]", kinds: "Mapping[str, Kind]"
) -> "Iterator[tuple[str, str]]":
    """Yield the kind and field of all that effects may change, and of what they make and end."""
    names = dict(bound)
    for effect in effects:
        if isinstance(effect, Set | Add | Remove | Draw | Shuffle):
            yield effect.slot.kind, effect.slot.field
        elif isinstance(effect, Create | Ensure):
            made = effect.create if isinstance(effect, Ensure) else effect
            names |= {made.name: made.kind} if made.name else {}
            yield from ((made.kind, name) for name in (_LIFE, *kinds[made.kind].fields))
            if made.owner is not None:
                yield made.kind, _OWNER
        elif isinstance(effect, Delete | Restore | Own):
            what = _OWNER if isinstance(effect, Own) else _LIFE
            yield from ((kind, what) for kind in led_to(effect.entity, names, kinds))
        elif isinstance(effect, If):
            yield from _touched((*effect.then, *effect.otherwise), names, kinds)
        elif isinstance(effect, ForEach):
            kind = element_type(effect.source.type.of).kind
            yield from _touched(effect.effects, {**names, **({effect.item: kind} if kind else {})}, kinds)
