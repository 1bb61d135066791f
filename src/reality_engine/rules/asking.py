"""The questions put to a request before anything happens: is it well formed, allowed, and are its requirements met."""

from difflib import get_close_matches

from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import Problem
from reality_engine.kernel.ids import WORLD_ENTITY, is_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Action, CompiledPack, Input
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.rules.bindings import Bound, RuleBindings, Variable
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import RefusalError, Request
from reality_engine.state.entity import Entity


def known_action(pack: CompiledPack, request: Request) -> Action:
    """Return the action that a request names; only a founding may name `world.create`."""
    action = pack.actions.get(request.action)
    if action is None or (action.name == "world.create") is not request.founding:
        near = get_close_matches(request.action, pack.actions, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise RefusalError("unknown_action", f"there is no action '{request.action}' in this world{hint}")
    return action


def checked_input(action: Action, request: Request) -> dict[str, Plain]:
    """Return the inputs in stored form, defaults filled in; refuses with every problem at once."""
    problems: list[Problem] = []
    for name in request.input:
        if name not in action.inputs:
            near = get_close_matches(name, action.inputs, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"the inputs are: {', '.join(action.inputs) or 'none'}"
            problems.append(Problem("unknown_field", f"{action.name} has no input '{name}'", f"input.{name}", hint))
    values = {name: _one_input(spec, request.input.get(name), problems) for name, spec in action.inputs.items()}
    if request.occurred_at is not None and not action.occurred_at:
        problems.append(Problem("unknown_field", f"{action.name} takes no occurred_at", "occurred_at"))
    if problems:
        raise RefusalError("invalid_input", problems[0].message, tuple(problems))
    return {name: value for name, value in values.items() if value is not None}


def _one_input(spec: Input, value: Plain, problems: list[Problem]) -> Plain:
    place = f"input.{spec.name}"
    if value is None:
        if spec.required:
            problems.append(Problem("required", f"{place} is required", place))
        return spec.default
    try:
        return conform(value, spec.value)
    except MisfitError as misfit:
        where = ".".join((place, *misfit.path))
        problems.append(Problem("invalid_input", f"{where} {misfit.message}", where))
        return None


def starting_bindings(deciding: Deciding, action: Action, inputs: dict[str, Plain]) -> RuleBindings:
    """Return what the action's expressions may name: me, world, now, input, and actor and target once they are checked."""
    principal = deciding.request.principal
    member = _member(deciding)
    roles = member.get("roles") if member else []
    named = [deciding.pack.roles[str(role)] for role in roles or [] if role in deciding.pack.roles]  # type: ignore[union-attr]
    me: dict[str, Plain] = {
        "id": principal.id, "name": principal.name, "kind": str(principal.kind), "roles": roles,
        "member": member is not None, "admin": any(role.admin for role in named),
    }  # fmt: skip
    variables: dict[str, Variable] = {
        "me": me, "world": Bound(WORLD_ENTITY), "now": to_text(deciding.now), "input": inputs, "rolls": {},
    }  # fmt: skip
    if action.members_only and member is None and not deciding.request.founding:
        raise RefusalError("denied", "only members of this world may act in it")
    return RuleBindings(deciding.working, variables)


def bind_named(deciding: Deciding, action: Action, bindings: RuleBindings) -> None:
    """Bind actor and target, each live, of its kind, and the actor one's own."""
    request = deciding.request
    if action.actor is not None:
        actor = _named(deciding, request.actor, action.actor, "actor", live=True)
        if actor.owner != request.principal.id:
            raise RefusalError("denied", f"the actor must be a {action.actor} of your own")
        bindings.variables["actor"] = Bound(actor.id)
    if action.target is not None:
        target = _named(deciding, request.target, action.target, "target", live=not action.target_deleted)
        bindings.variables["target"] = Bound(target.id)
    for name in ("actor", "target"):
        if getattr(request, name) is not None and getattr(action, name) is None:
            problem = Problem("unknown_field", f"{action.name} takes no {name}", name)
            raise RefusalError("invalid_input", problem.message, (problem,))


def ask(deciding: Deciding, action: Action, bindings: RuleBindings) -> None:
    """Refuse the action unless it is allowed and all its requirements are met; tells every unmet one."""
    if not deciding.holds(action.allow, bindings):
        raise RefusalError("denied", f"the rules of this world do not allow you to {action.title.lower()} here")
    unmet = [
        Problem("requirement_failed", one.message.text(bindings))
        for one in action.require
        if not deciding.holds(one.that, bindings)
    ]
    if unmet:
        raise RefusalError("requirement_failed", unmet[0].message, tuple(unmet))


def _member(deciding: Deciding) -> Entity | None:
    principal = deciding.request.principal
    if not principal.known or deciding.request.founding:
        return None
    key = deciding.working.find("member", "user", principal.id)
    return deciding.working.entity(key) if key else None


def _named(deciding: Deciding, key: str | None, kind: str, part: str, *, live: bool) -> Entity:
    if key is None:
        problem = Problem("required", f"this action needs its {part}: the id of a {kind}", part)
        raise RefusalError("invalid_input", problem.message, (problem,))
    found = deciding.working.entity(key) if is_id(key) else None
    if found is None or found.kind != kind or found.live is not live:
        raise RefusalError("not_found", f"there is no {kind} with this id", (Problem("not_found", f"no such {kind}", part),))
    return found
