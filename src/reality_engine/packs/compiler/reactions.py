"""Compiles reactions, each after those that emit what it answers; not the effects in them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reality_engine.expressions.types import TEXT, entity_of, record_of
from reality_engine.packs.compiled import Reaction
from reality_engine.packs.compiler.actions import action_scope, compile_paths, input_types
from reality_engine.packs.compiler.audiences import event_audience
from reality_engine.packs.compiler.block import Block
from reality_engine.packs.compiler.effects import compile_effects
from reality_engine.packs.compiler.emits import METER_EVENTS
from reality_engine.packs.compiler.names import check_name
from reality_engine.packs.compiler.scope import Scope, rule_variables
from reality_engine.packs.compiler.triggers import check_trigger, emitted_kind, emitted_types

if TYPE_CHECKING:
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.definitions.reactions import ReactionDefinition
    from reality_engine.packs.source import Spot


def compile_reactions(
    definitions: "Mapping[str, ReactionDefinition]", spot: "Spot", ground: "Ground"
) -> tuple[Reaction, ...]:
    """Compile all reactions; they come back in the order of the pack."""
    compiled: dict[str, Reaction] = {}
    for name in _ordered(definitions, ground):
        compiled[name] = _compile(name, definitions[name], spot / name, ground)
    return tuple(compiled[name] for name in definitions)


def _ordered(definitions: "Mapping[str, ReactionDefinition]", ground: "Ground") -> list[str]:
    """Put each reaction after the ones that emit what it answers, as far as they do not go round in circles."""
    emitted_by = {name: emitted_types(each.effects) for name, each in definitions.items()}
    known = {emission.type for emission in ground.emissions}
    waiting, ordered = list(definitions), []
    while waiting:
        ready = [name for name in waiting if not _awaits(definitions[name].to.event, waiting, emitted_by)]
        begun = [name for name in waiting if definitions[name].to.event in known]
        chosen = (ready or begun or waiting)[0]
        waiting.remove(chosen)
        ordered.append(chosen)
        known |= emitted_by[chosen]
    return ordered


def _awaits(event: str | None, waiting: list[str], emitted_by: Mapping[str, set[str]]) -> bool:
    return any(event in emitted_by[other] for other in waiting)


def _compile(name: str, definition: "ReactionDefinition", spot: "Spot", ground: "Ground") -> Reaction:
    check_name(spot.key, name, "a reaction", ground.problems)
    if name in ground.actions:
        ground.problems.add(spot.key, "name_taken", f"there is an action called '{name}', whose events have this type")
    check_trigger(definition.to, spot / "to", ground)
    trigger = definition.to
    scope = _scope(definition, ground)
    when = scope.condition(spot / "when", definition.when) if definition.when is not None else None
    block = Block(scope.inner())
    effects = compile_effects(definition.effects, spot / "effects", block)
    narrative = None
    if definition.narrative is not None:
        narrative = block.scope.template(spot / "narrative", definition.narrative)
    return Reaction(
        name=name,
        event=trigger.action or trigger.event or "",
        kind=trigger.kind,
        field=trigger.field,
        place=spot.key,
        when=when,
        when_place=(spot / "when").place,
        effects=effects,
        audience=event_audience(definition.visible_to or (), spot / "visible_to", block.scope),
        narrative=narrative,
        discloses=compile_paths(definition.discloses, spot / "discloses", block.scope),
    )


def _scope(definition: "ReactionDefinition", ground: "Ground") -> Scope:
    """Return what a reaction can name: `entity` and event.data of what was emitted, or all that its action had."""
    trigger = definition.to
    action = ground.actions.get(trigger.action or trigger.event or "")
    scope = action_scope(action, input_types(action, ground), ground) if action else Scope(ground, rule_variables())
    scope.declare("event", record_of(type=TEXT, by=TEXT))
    if trigger.event in METER_EVENTS and trigger.kind in ground.kinds:
        scope.declare("entity", entity_of(str(trigger.kind)))
    elif any(emission.type == trigger.event for emission in ground.emissions):
        data, kind = emitted_kind(str(trigger.event), ground)
        scope.declare("event", record_of(type=TEXT, by=TEXT, **({"data": record_of(**data)} if data else {})))
        if kind is not None:
            scope.declare("entity", entity_of(kind))
    elif trigger.action is None:
        scope.doubt("entity", "event")
    elif action is None:
        scope.doubt("actor", "target", "input")
    return scope
