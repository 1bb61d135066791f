"""decide(): from a request to what happens, purely; the order of the questions and of what follows an event."""

from collections.abc import Mapping
from datetime import datetime

from reality_engine.kernel.chance import Chance
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Action, CompiledPack, Reaction
from reality_engine.rules import asking, effects, store
from reality_engine.rules.bindings import Bound, RuleBindings
from reality_engine.rules.context import Deciding, over_limit
from reality_engine.rules.decision import (
    Accepted,
    Decision,
    Deferred,
    DraftEvent,
    LackError,
    Lacking,
    Limits,
    RefusalError,
    Request,
    VisibleChange,
)
from reality_engine.rules.facts import Facts
from reality_engine.rules.working import Working
from reality_engine.state.audience import facet_keys, facet_of, roles_of
from reality_engine.state.entity import LIFE, OWNER, Change

DEFAULT_LIMITS = Limits()


def decide(
    pack: CompiledPack, request: Request, facts: Facts, now: datetime, chance: Chance, limits: Limits = DEFAULT_LIMITS
) -> Decision:
    """Decide a request: pure, and the same for the same facts, clock and chance.

    `chance` must start afresh at each call for one request, so that a decision taken again after `Lacking` draws the
    same ids and dice. Nothing is raised for what a caller can bring about: a no is a `Refused`.
    """
    deciding = Deciding(pack, request, Working(pack, facts), now, chance, limits)
    try:
        return _decide(deciding)
    except LackError as lack:
        return Lacking(tuple(dict.fromkeys(lack.questions)))
    except RefusalError as refusal:
        return refusal.refused


def _decide(deciding: Deciding) -> Accepted | Deferred:
    action = asking.known_action(deciding.pack, deciding.request)
    inputs = asking.checked_input(action, deciding.request)
    bindings = asking.starting_bindings(deciding, action, inputs)
    asking.bind_named(deciding, action, bindings)
    asking.ask(deciding, action, bindings)
    approval = action.approval
    if approval and not (approval.unless and deciding.holds(approval.unless, bindings)):
        return Deferred(roles_of(approval.by))
    _act(deciding, action, bindings, inputs)
    while deciding.pending:
        _react(deciding, deciding.pending.popleft())
    _check_invariants(deciding)
    return Accepted(tuple(deciding.events), deciding.working.before, deciding.working.after)


def _act(deciding: Deciding, action: Action, bindings: RuleBindings, inputs: Mapping[str, Plain]) -> None:
    request = deciding.request
    private = frozenset(name for name in inputs if action.inputs[name].value.private)
    draft = DraftEvent(
        deciding.fresh_id(), action.name, 0, frozenset(), action=action.name, acting=request.actor,
        target=request.target, input=inputs, private_input=private, occurred_at=request.occurred_at,
    )  # fmt: skip
    index = deciding.open_event(draft)
    deciding.pending.append(index)
    running = effects.Running(deciding, bindings, index)
    if request.founding:
        _found(deciding, bindings, inputs)
        effects.run(deciding.pack.seeds, running)
    effects.run(action.effects, running)
    _close(deciding, index, bindings)
    deciding.amend(
        index, keys=deciding.audience(action.audience, bindings), narrative=deciding.narrative(action.narrative, bindings)
    )


def _found(deciding: Deciding, bindings: RuleBindings, inputs: Mapping[str, Plain]) -> None:
    pack, principal = deciding.pack, deciding.request.principal
    store.create(deciding, pack.kinds["world"], None, inputs, key=WORLD_ENTITY)
    if principal.known:
        role = next(role.name for role in pack.roles.values() if role.admin)
        values: dict[str, Plain] = {"user": principal.id, "name": principal.name, "roles": [role]}
        store.create(deciding, pack.kinds["member"], None, values)
        me = bindings.variables["me"]
        if isinstance(me, dict):
            bindings.variables["me"] = {**me, "roles": [role], "member": True, "admin": True}


def _react(deciding: Deciding, cause: int) -> None:
    event = deciding.events[cause]
    for reaction in deciding.pack.reactions:
        if _answers(reaction, event):
            outer = deciding.scopes.get(cause, RuleBindings(deciding.working))
            bindings = _reaction_bindings(deciding, event, outer)
            if reaction.when is None or deciding.holds(reaction.when, bindings):
                _one_reaction(deciding, reaction, cause, bindings)


def _one_reaction(deciding: Deciding, reaction: Reaction, cause: int, bindings: RuleBindings) -> None:
    event = deciding.events[cause]
    draft = DraftEvent(
        deciding.fresh_id(), reaction.name, event.depth + 1, frozenset(), cause=cause, rule=reaction.name,
        acting=event.acting, target=event.target,
    )  # fmt: skip
    index = deciding.open_event(draft)
    deciding.pending.append(index)
    effects.run(reaction.effects, effects.Running(deciding, bindings, index))
    _close(deciding, index, bindings)
    narrative = deciding.narrative(reaction.narrative, bindings)
    deciding.amend(index, keys=deciding.audience(reaction.audience, bindings), narrative=narrative)


def _answers(reaction: Reaction, event: DraftEvent) -> bool:
    if reaction.event != event.type:
        return False
    return reaction.kind is None or (event.data.get("kind"), event.data.get("field")) == (reaction.kind, reaction.field)


def _reaction_bindings(deciding: Deciding, event: DraftEvent, outer: RuleBindings) -> RuleBindings:
    kept = {name: outer.variables[name] for name in ("me", "world", "now") if name in outer.variables}
    told: dict[str, Plain] = {
        "id": event.id, "type": event.type, "by": deciding.request.principal.id, "data": dict(event.data),
    }  # fmt: skip
    bindings = RuleBindings(deciding.working, {**kept, "event": told, "rolls": {}})
    if event.target:
        bindings.variables["entity"] = Bound(event.target)
        bindings.variables["target"] = Bound(event.target)
    if event.action:
        bindings.variables["input"] = dict(event.input)
    if event.acting:
        bindings.variables["actor"] = Bound(event.acting)
    return bindings


def _close(deciding: Deciding, index: int, bindings: RuleBindings) -> None:
    deciding.scopes[index] = bindings
    for key in deciding.working.touched():
        _compute(deciding, key)
    changes = deciding.working.close_event()
    deciding.changed += len(changes)
    if deciding.changed > deciding.limits.changes:
        raise over_limit("changes", deciding.limits.changes)
    deciding.amend(index, changes=tuple(_visible(deciding, change) for change in changes))


def _compute(deciding: Deciding, key: str) -> None:
    kind = deciding.pack.kinds[deciding.working.after[key].kind]
    bindings = RuleBindings(deciding.working, {"self": Bound(key)})
    for name in kind.computed:
        field = kind.fields[name]
        entity = deciding.working.after[key]
        if field.computed is not None and entity.live:
            value = deciding.operand(field.computed, bindings, f"{kind.name}.{name}")
            store.store(deciding, entity, field, value)


def _visible(deciding: Deciding, change: Change) -> VisibleChange:
    kind = deciding.pack.kinds[change.kind]
    keys = facet_keys(kind, facet_of(kind, change.field), deciding.working.after[change.entity])
    private = change.field not in (LIFE, OWNER) and kind.fields[change.field].private
    return VisibleChange(change, keys, private)


def _check_invariants(deciding: Deciding) -> None:
    for key, entity in deciding.working.after.items():
        kind = deciding.pack.kinds[entity.kind]
        bindings = RuleBindings(deciding.working, {"self": Bound(key)})
        for invariant in kind.invariants if entity.live else ():
            if not deciding.holds(invariant.that, bindings):
                raise RefusalError("invariant_broken", invariant.message.text(bindings))


