"""Compiles actions; not the effects in them."""

from typing import TYPE_CHECKING

from reality_engine.expressions.types import BOOLEAN, TEXT, TIMESTAMP, Type, entity_of, record_of
from reality_engine.packs.audience import Seer, Term
from reality_engine.packs.compiled import Action, Approval, Input
from reality_engine.packs.compiler.audiences import event_audience, role_audience
from reality_engine.packs.compiler.block import Block
from reality_engine.packs.compiler.effects import compile_effects
from reality_engine.packs.compiler.field_types import compile_type, static_type
from reality_engine.packs.compiler.fields import default_of
from reality_engine.packs.compiler.kinds import compile_requirements
from reality_engine.packs.compiler.names import check_name, is_name
from reality_engine.packs.compiler.scope import ME, Scope, rule_variables
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Restore
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reality_engine.expressions.bindings import Path
    from reality_engine.expressions.expression import Expression
    from reality_engine.packs.audience import Audience
    from reality_engine.packs.compiler.ground import ActionShape, Ground
    from reality_engine.packs.definitions.actions import ApprovalDefinition
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot


def compile_action(shape: "ActionShape", ground: "Ground") -> Action:
    """Compile one action."""
    definition, spot = shape.definition, shape.spot
    inputs = _inputs(shape, ground)
    scope = action_scope(shape, {name: each.type for name, each in inputs.items()}, ground)
    allow = scope.expression(spot / "allow", definition.allow, BOOLEAN)
    require = compile_requirements(definition.require, spot / "require", scope)
    approval = _approval(definition.approval, spot / "approval", scope)
    block = Block(scope.inner(), shape.core)
    effects = compile_effects(definition.effects, spot / "effects", block)
    narrative = None
    if definition.narrative is not None:
        narrative = block.scope.template(spot / "narrative", definition.narrative)
    return Action(
        name=shape.name,
        title=definition.title or shape.name.replace("_", " ").capitalize(),
        place=spot.key,
        allow=allow,
        allow_place=(spot / "allow").place,
        actor=_actor(shape, ground),
        target=_target(shape, ground),
        target_deleted=any(effect == Restore(("target",)) for effect, _ in every_effect(effects)),
        members_only=definition.members_only,
        inputs=inputs,
        require=require,
        effects=effects,
        approval=approval,
        audience=_audience(shape, block.scope),
        narrative=narrative,
        occurred_at=definition.occurred_at,
        core=shape.core,
        discloses=compile_paths(definition.discloses, spot / "discloses", block.scope),
        undo=compile_undo(definition.undo, spot / "undo", ground),
    )


def compile_undo(written: str | None, spot: "Spot", ground: "Ground") -> "tuple[Expression, Place] | None":
    """Compile who may undo what was done, which reads no entity: only who asks, when, and who did it when."""
    if written is None:
        return None
    event = record_of(id=TEXT, by=TEXT, at=TIMESTAMP)
    scope = Scope(ground, {"me": ME, "now": TIMESTAMP, "event": event})
    return scope.condition(spot, written), spot.place


def action_scope(shape: "ActionShape", inputs: "Mapping[str, Type]", ground: "Ground") -> Scope:
    """Return what the rules of an action, and reactions to it, can name."""
    scope = Scope(ground, rule_variables())
    for role in ("actor", "target"):
        kind = getattr(shape.definition, role)
        if kind in ground.kinds:
            scope.declare(role, entity_of(kind))
        elif kind is not None:
            scope.doubt(role)
    if inputs:
        scope.declare("input", record_of(**{name: kind for name, kind in inputs.items() if is_name(name)}))
    scope.events = frozenset(name for name, each in shape.definition.input.items() if each.type == "event")
    if shape.spot.doubtful:
        scope.doubt("actor", "target", "input")
    return scope


def input_types(shape: "ActionShape", ground: "Ground") -> dict[str, Type]:
    """Return the static types of an action's inputs."""
    spot = shape.spot / "input"
    return {
        name: static_type(compile_type(each, spot / name, ground.kinds, ground.problems))
        for name, each in shape.definition.input.items()
    }


def compile_paths(paths: "Iterable[str]", spot: "Spot", scope: Scope) -> "tuple[Path, ...]":
    """Compile what a rule discloses: dotted paths of its own names, or `kind.field` for the field of any entity."""
    found: list[Path] = []
    for index, path in enumerate(paths):
        kind, _, name = path.partition(".")
        shape = None if kind in scope.variables else scope.ground.kinds.get(kind)
        if shape is not None and (name in shape.values or name == "owner"):
            found.append((kind, name))
            continue
        compiled = scope.path(path, (spot / index).within)
        if compiled is not None:
            found.append(compiled[0])
    return tuple(found)


def _inputs(shape: "ActionShape", ground: "Ground") -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    for name, each in shape.definition.input.items():
        spot = shape.spot / "input" / name
        check_name(spot.key, name, "an input", ground.problems)
        value = compile_type(each, spot, ground.kinds, ground.problems)
        if value.base == "meter":
            ground.problems.add(spot.place, "bad_type", "a meter can only be a field", "use integer with min and max")
        if each.required and each.default is not None:
            ground.problems.add((spot / "required").key, "bad_value", "an input with a default is never missing")
        required = each.default is None if each.required is None else each.required
        default = default_of(each, value, spot, ground.problems)
        inputs[name] = Input(name, value, static_type(value), required, default, each.title or name)
    return inputs


def _actor(shape: "ActionShape", ground: "Ground") -> str | None:
    name, at = shape.definition.actor, shape.spot / "actor"
    if name is None or not _known(name, at, ground):
        return None
    if not ground.kinds[name].definition.owned:
        message = f"nobody could act as a {name}: it has no owner"
        ground.problems.add(at.place, "not_owned", message, f"give {name} owned: true")
    return name


def _target(shape: "ActionShape", ground: "Ground") -> str | None:
    name = shape.definition.target
    return name if name is not None and _known(name, shape.spot / "target", ground) else None


def _known(name: str, at: "Spot", ground: "Ground") -> bool:
    if name not in ground.kinds:
        ground.problems.add(at.place, "unknown_kind", f"there is no kind '{name}'", nearest(name, ground.kinds))
    return name in ground.kinds


def _approval(definition: "ApprovalDefinition | None", spot: "Spot", scope: Scope) -> Approval | None:
    if definition is None:
        return None
    unless = scope.condition(spot / "unless", definition.unless) if definition.unless is not None else None
    place = spot.key if unless is None else (spot / "unless").place
    return Approval(role_audience(definition.by, spot / "by", scope.ground), unless, place)


def _audience(shape: "ActionShape", scope: Scope) -> "Audience":
    if shape.definition.visible_to is None:
        return (Seer(Term.ACTOR),)
    return event_audience(shape.definition.visible_to, shape.spot / "visible_to", scope)
