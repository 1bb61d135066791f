"""Compiles a whole pack together with the core pack; not the reading of files."""

from dataclasses import replace
from typing import TYPE_CHECKING

from reality_engine.packs.compiled import CORE_KINDS, CompiledPack
from reality_engine.packs.compiler.actions import compile_action, compile_undo
from reality_engine.packs.compiler.block import Block
from reality_engine.packs.compiler.core import core_for
from reality_engine.packs.compiler.cycles import check_cycles
from reality_engine.packs.compiler.effects import compile_effects
from reality_engine.packs.compiler.ground import ActionShape, Ground, KindShape
from reality_engine.packs.compiler.kinds import compile_kind, shape_kinds, with_owners_told
from reality_engine.packs.compiler.moves import check_concealed
from reality_engine.packs.compiler.names import ACTION_WORDS, check_heading, check_name
from reality_engine.packs.compiler.reactions import compile_reactions
from reality_engine.packs.compiler.roles import compile_roles
from reality_engine.packs.compiler.schedules import compile_schedule
from reality_engine.packs.compiler.scope import Scope, rule_variables
from reality_engine.packs.compiler.triggers import emitted_kind, emitted_types
from reality_engine.packs.compiler.upgrades import compile_upgrades, former_names
from reality_engine.packs.effects import Effect
from reality_engine.packs.flow.checking import check_flows
from reality_engine.packs.flow.rules import Rules
from reality_engine.packs.left_over import Kinds
from reality_engine.packs.source import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reality_engine.packs.definitions.pack import PackDefinition
    from reality_engine.packs.flow.disclosures import Disclosure
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Source


def compile_pack(
    definition: "PackDefinition", source: "Source", digest: str, problems: "Problems"
) -> "tuple[CompiledPack, tuple[Disclosure, ...]]":
    """Compile a pack, and return it with what its rules disclose; every mistake goes to `problems`.

    With any mistake, what comes back is not fit to run. What flows where is followed when there is no other.
    """
    root = Spot(source)
    check_heading(definition, root, problems)
    former = former_names(definition.upgrades)
    ground = Ground(problems, compile_roles(definition.roles, former, root / "roles", problems))
    core = core_for(ground.roles.values())
    ground.kinds = {**core.kind_shapes}
    shape_kinds(_kinds(definition, root, problems), ground)
    own = _actions(definition, root, problems)
    ground.actions = {**core.action_shapes, **own}
    ground.reactions, ground.emitted = set(definition.reactions), _emitted(definition)
    actions = {name: compile_action(shape, ground) for name, shape in own.items()}
    undo = compile_undo(definition.undo, root / "undo", ground)
    actions = {name: replace(action, undo=action.undo or undo) for name, action in actions.items()}
    seeds = _seeds(definition, root / "seeds", ground)
    reactions = compile_reactions(definition.reactions, root / "reactions", ground)
    check_cycles(reactions, root / "reactions", ground)
    # Last, since by now it is known which fields any effect reveals or conceals.
    kinds = {name: compile_kind(shape, ground) for name, shape in ground.kinds.items() if not shape.core}
    check_concealed(kinds, ground)
    schedules = tuple(
        compile_schedule(name, each, root / "schedules" / name, ground) for name, each in definition.schedules.items()
    )
    compiled = CompiledPack(
        name=definition.pack,
        version=definition.version,
        title=definition.title or definition.pack,
        digest=digest,
        description=definition.description,
        roles=ground.roles,
        kinds=Kinds(with_owners_told({**core.kinds, **kinds})),
        actions={**core.actions, **actions},
        reactions=reactions,
        schedules=schedules,
        seeds=seeds,
        upgrades=compile_upgrades(definition.upgrades, root / "upgrades", ground),
    )
    return compiled, () if problems.found else _disclosures(compiled, root, ground)


def _disclosures(compiled: CompiledPack, root: Spot, ground: Ground) -> "tuple[Disclosure, ...]":
    actions = {name: (action, ground.actions[name].spot) for name, action in compiled.actions.items()}
    reactions = [(reaction, root / "reactions" / reaction.name) for reaction in compiled.reactions]
    emitted = {event: emitted_kind(event, ground) for event in ground.emitted}
    kinds = {name: shape.spot for name, shape in ground.kinds.items() if not shape.core}
    return check_flows(Rules(ground.roles, compiled.kinds, actions, reactions, emitted), kinds, ground.problems)


def _kinds(definition: "PackDefinition", root: Spot, problems: "Problems") -> "Iterator[KindShape]":
    for name, each in definition.kinds.items():
        spot = root / "kinds" / name
        check_name(spot.key, name, "a kind", problems, CORE_KINDS)
        if name not in CORE_KINDS:
            yield KindShape(name, each, spot, core=False)


def _actions(definition: "PackDefinition", root: Spot, problems: "Problems") -> dict[str, ActionShape]:
    shapes: dict[str, ActionShape] = {}
    for name, each in definition.actions.items():
        spot = root / "actions" / name
        check_name(spot.key, name, "an action", problems, ACTION_WORDS)
        if "." not in name:
            shapes[name] = ActionShape(name, each, spot, core=False)
    return shapes


def _seeds(definition: "PackDefinition", spot: Spot, ground: Ground) -> tuple[Effect, ...]:
    return compile_effects(definition.seeds, spot, Block(Scope(ground, rule_variables())))


def _emitted(definition: "PackDefinition") -> set[str]:
    lists = [definition.seeds]
    lists += [each.effects for each in definition.actions.values()]
    lists += [each.effects for each in definition.reactions.values()]
    return set().union(*map(emitted_types, lists))
