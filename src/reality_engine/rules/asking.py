"""The questions put to a request before anything happens: is it well formed, allowed, and are its requirements met."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import Problem
from reality_engine.kernel.ids import WORLD_ENTITY, is_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.packs.compiled import Action, CompiledPack, FieldType, Input
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.rules.asked import Rule
from reality_engine.rules.bindings import Bound, RuleBindings
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import RefusalError, Request
from reality_engine.rules.naming import refs_in
from reality_engine.state.entity import Entity

FOUNDING: Final = "world.create"
# What the server's own routes alone perform, which have made sure of what no rule can know.
VOUCHED: Final = frozenset({"member.accept"})
# Looking for the names that were meant takes time, and nobody reads on.
MAX_PROBLEMS: Final = 100
_TIMESTAMP: Final = FieldType("timestamp")


def known_action(pack: CompiledPack, request: Request) -> Action:
    """Return the action that a request names; some may be named by the server's own code alone."""
    action = pack.actions.get(request.action)
    own = request.action in VOUCHED, request.action == FOUNDING
    if action is None or own != (request.vouched, request.founding):
        near = get_close_matches(request.action, [name for name in pack.actions if may_be_asked_for(name)], 1)
        hint = f"did you mean '{near[0]}'?" if near else None
        message = f"there is no action '{request.action}' in this world"
        raise RefusalError("unknown_action", message, (Problem("unknown_action", message, "action", hint),))
    return action


def may_be_asked_for(action: str) -> bool:
    """Say whether callers may name an action of the core pack, as they may every other."""
    return action != FOUNDING and action not in VOUCHED


def checked_input(action: Action, request: Request) -> dict[str, Plain]:
    """Return the inputs in stored form, defaults filled in; refuses with every problem at once."""
    values, problems = given_input(action, request)
    for name, spec in action.inputs.items():
        if spec.required and request.input.get(name) is None:
            problems.append(Problem("required", f"input.{name} is required", f"input.{name}"))
        elif spec.default is not None:
            values.setdefault(name, spec.default)
    if problems:
        raise RefusalError("invalid_input", problems[0].message, tuple(problems))
    return values


def given_input(action: Action, request: Request) -> tuple[dict[str, Plain], list[Problem]]:
    """Return the inputs that were given, in stored form, and what is wrong with them, `MAX_PROBLEMS` at most."""
    problems: list[Problem] = []
    values: dict[str, Plain] = {}
    for name, value in request.input.items():
        if len(problems) >= MAX_PROBLEMS:
            break
        if name not in action.inputs:
            near = get_close_matches(name, action.inputs, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"the inputs are: {', '.join(action.inputs) or 'none'}"
            problems.append(Problem("unknown_field", f"{action.name} has no input '{name}'", f"input.{name}", hint))
        elif value is not None:
            fitted = _fitted(action.inputs[name], value, problems)
            if fitted is not None:
                values[name] = fitted
    return values, problems


def _fitted(spec: Input, value: Plain, problems: list[Problem]) -> Plain:
    place = f"input.{spec.name}"
    try:
        return conform(value, spec.value)
    except MisfitError as misfit:
        where = ".".join((place, *misfit.path))
        problems.append(Problem("invalid_input", f"{where} {misfit.message}", where))
        return None


def checked_moment(action: Action, request: Request) -> str | None:
    """Return when the caller says that it happened, in stored form; refuses where the action does not take that."""
    if request.occurred_at is None:
        return None
    if not action.occurred_at:
        raise invalid("unknown_field", f"{action.name} takes no occurred_at", "occurred_at")
    try:
        return str(conform(request.occurred_at, _TIMESTAMP))
    except MisfitError as misfit:
        raise invalid("invalid_input", f"occurred_at {misfit.message}", "occurred_at") from misfit


def starting_bindings(deciding: Deciding) -> RuleBindings:
    """Return what every rule may name: me, world, now and rolls."""
    deciding.common = {"me": described(deciding), "world": Bound(WORLD_ENTITY), "now": to_text(deciding.now)}
    return RuleBindings(deciding.working, {**deciding.common, "rolls": {}})


def described(deciding: Deciding) -> dict[str, Plain]:
    """Return `me`: who acts, and what they are in this world now."""
    principal, member = deciding.request.principal, _member(deciding)
    held = member.get("roles") if member else None
    roles: list[Plain] = held if isinstance(held, list) else []
    admin = not deciding.pack.admin_roles.isdisjoint(map(str, roles))
    return {
        "id": principal.id, "name": principal.name, "kind": str(principal.kind), "roles": roles,
        "member": member is not None, "admin": admin,
    }  # fmt: skip


def check_membership(deciding: Deciding, action: Action) -> None:
    """Refuse the action to those who are not members, unless it is for them; the world itself may always act.

    Who is banned is none, and may do nothing, whatever a pack lets others do.
    """
    if action.members_only:
        deciding.begin(Rule.MEMBERS_ONLY, action.place)
    is_world = deciding.request.principal.kind is PrincipalKind.WORLD
    me = deciding.common["me"]
    if is_world or (isinstance(me, dict) and me["member"]):
        return
    if action.members_only:
        raise RefusalError("denied", "only members of this world may act in it")
    if deciding.working.find("ban", "user", deciding.request.principal.id) is not None:
        raise RefusalError("banned", "you are banned from this world")


def bind_named(deciding: Deciding, action: Action, bindings: RuleBindings) -> None:
    """Bind actor and target, which must both be given if the action has them."""
    request = deciding.request
    if action.actor is not None and request.actor is None:
        raise _lacking(deciding, action, Rule.ACTOR, action.actor)
    if action.target is not None and request.target is None:
        raise _lacking(deciding, action, Rule.TARGET, action.target)
    bind_given(deciding, action, bindings)


def bind_given(deciding: Deciding, action: Action, bindings: RuleBindings) -> None:
    """Bind actor and target as far as they are given, each live, of its kind, and the actor one's own."""
    request = deciding.request
    if request.actor is not None and action.actor is None:
        raise _unwanted(deciding, action, Rule.ACTOR)
    if request.target is not None and action.target is None:
        raise _unwanted(deciding, action, Rule.TARGET)
    if action.actor is not None and request.actor is not None:
        deciding.begin(Rule.ACTOR, action.place)
        actor = _named(deciding, request.actor, action.actor, "actor")
        if actor.owner != request.principal.id:
            raise RefusalError("denied", f"the actor must be a {action.actor} of your own")
        bindings.variables["actor"] = Bound(actor.id)
    if action.target is not None and request.target is not None:
        deciding.begin(Rule.TARGET, action.place)
        target = _named(deciding, request.target, action.target, "target", live=not action.target_deleted)
        bindings.variables["target"] = Bound(target.id)


def check_named_inputs(deciding: Deciding, action: Action, inputs: Mapping[str, Plain]) -> None:
    """Refuse the action unless all that its inputs name is there and not hidden, entities live and of their kind."""
    for name, value in inputs.items():
        if action.inputs[name].value.base == "event":
            _check_event(deciding, action, name, str(value))
        if not action.inputs[name].value.refers:
            continue
        for key, kind in refs_in(value, action.inputs[name].value):
            found = deciding.working.entity(key) if key not in deciding.request.hidden else None
            if found is None or found.kind != kind or not found.live:
                deciding.begin(Rule.INPUT, action.place)
                problem = Problem("not_found", f"there is no {kind} with this id", f"input.{name}")
                raise RefusalError("not_found", problem.message, (problem,))


def _check_event(deciding: Deciding, action: Action, name: str, key: str) -> None:
    if key in deciding.request.hidden or deciding.working.event(key) is None:
        deciding.begin(Rule.INPUT, action.place)
        problem = Problem("not_found", "there is no event with this id", f"input.{name}")
        raise RefusalError("not_found", problem.message, (problem,))


def ask(deciding: Deciding, action: Action, bindings: RuleBindings) -> None:
    """Refuse the action unless it is allowed and all its requirements are met; tells every unmet one."""
    if not deciding.asks(Rule.ALLOW, action.allow_place, action.allow, bindings):
        raise RefusalError("denied", not_allowed(action))
    unmet = [
        Problem("requirement_failed", one.message.text(bindings))
        for one in action.require
        if not deciding.asks(Rule.REQUIRE, one.place, one.that, bindings)
    ]
    if unmet:
        raise RefusalError("requirement_failed", unmet[0].message, tuple(unmet))


def not_allowed(action: Action) -> str:
    """Say that an action's `allow` does not hold."""
    return f"the rules of this world do not allow you this now: {action.title}"


def invalid(code: str, message: str, field: str) -> RefusalError:
    """Return the refusal of a request that is wrong in one part."""
    return RefusalError("invalid_input", message, (Problem(code, message, field),))


def _lacking(deciding: Deciding, action: Action, part: Rule, kind: str) -> RefusalError:
    deciding.begin(part, action.place)
    return invalid("required", f"this action needs its {part}: the id of a {kind}", part.value)


def _unwanted(deciding: Deciding, action: Action, part: Rule) -> RefusalError:
    deciding.begin(part, action.place)
    return invalid("unknown_field", f"{action.name} takes no {part}", part.value)


def _member(deciding: Deciding) -> Entity | None:
    principal = deciding.request.principal
    key = deciding.working.find("member", "user", principal.id) if principal.known else None
    return deciding.working.entity(key) if key else None


def _named(deciding: Deciding, key: str, kind: str, part: str, *, live: bool = True) -> Entity:
    seen = is_id(key) and key not in deciding.request.hidden
    found = deciding.working.entity(key) if seen else None
    if found is None or found.kind != kind or found.live is not live:
        message = f"there is no {kind} with this id"
        raise RefusalError("not_found", message, (Problem("not_found", message, part),))
    return found
