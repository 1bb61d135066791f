"""Finds reactions that could set each other off for ever; not what bounds them at run time, which `rules` does."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from reality_engine.packs.compiled import Reaction
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Add, Effect, Emit, Literal, Set

if TYPE_CHECKING:
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.source import Spot

# What a reaction answers or an effect brings about: the type of event and, for meters, the kind and field.
Cause: TypeAlias = tuple[str, str | None, str | None]


def check_cycles(reactions: Iterable[Reaction], spot: "Spot", ground: "Ground") -> None:
    """Tell each reaction that can come round to itself without a `when` or an `if` on the way that could stop it."""
    unguarded = {each.name: each for each in reactions if each.when is None}
    follows = {
        name: [other.name for other in unguarded.values() if _answered(other) in set(causes(each.effects, ground))]
        for name, each in unguarded.items()
    }
    told: set[str] = set()
    for name in unguarded:
        way = _way_back(name, follows)
        if way and name not in told:
            told |= set(way)
            message = f"these reactions set each other off without end: {' -> '.join((*way, name))}"
            hint = "give one of them a when"
            ground.problems.add((spot / name).key, "reaction_cycle", message, hint)


def causes(effects: Iterable[Effect], ground: "Ground") -> Iterator[Cause]:
    """Yield what effects that happen in any case can bring about."""
    for effect, guarded in every_effect(effects):
        if guarded:
            continue
        if isinstance(effect, Emit):
            yield (effect.type, None, None)
        if isinstance(effect, Set | Add):
            value = ground.kinds[effect.slot.kind].values[effect.slot.field]
            if value.base == "meter":
                for event in _meter_events(effect, value.maximum):
                    yield (event, effect.slot.kind, effect.slot.field)


def _meter_events(effect: Set | Add, maximum: float | None) -> tuple[str, ...]:
    """Say which events a write to a meter can cause, as far as its value is written down."""
    value = effect.value.value if isinstance(effect.value, Literal) else None
    if not isinstance(value, int | float):
        return ("meter.filled", "meter.emptied") if not isinstance(effect.value, Literal) else ()
    if isinstance(effect, Add):
        return (("meter.filled",) if value > 0 else ("meter.emptied",)) if value else ()
    if value == 0:
        return ("meter.emptied",)
    return ("meter.filled",) if value == maximum else ()


def _answered(reaction: Reaction) -> Cause:
    return (reaction.event, reaction.kind, reaction.field)


def _way_back(start: str, follows: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return the shortest way from a reaction back to itself, without the end, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for following in follows[way[-1]]:
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()
