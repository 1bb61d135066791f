"""decide(): from a request to what happens, purely; the order of the questions and of what follows an event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from reality_engine.kernel.chance import Chance
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Action, Approval, CompiledPack, Reaction
from reality_engine.rules import asking, effects, store
from reality_engine.rules.asked import Rule, ending_in_no
from reality_engine.rules.bindings import Bound, RuleBindings
from reality_engine.rules.closing import check_invariants, close_event
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import (
    Accepted,
    Decision,
    Deferred,
    DraftEvent,
    LackError,
    Lacking,
    Limits,
    Question,
    RefusalError,
    Request,
)
from reality_engine.rules.facts import Facts
from reality_engine.rules.running import Running
from reality_engine.rules.undoable import UNDO
from reality_engine.rules.undoing import run_undo
from reality_engine.rules.working import Working
from reality_engine.state.audience import roles_of

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
        return replace(refusal.refused, asked=ending_in_no(deciding.asked))


def _decide(deciding: Deciding) -> Accepted | Deferred:
    request = deciding.request
    action = asking.known_action(deciding.pack, request)
    bindings = asking.starting_bindings(deciding)
    asking.check_membership(deciding, action)
    if action.inputs or request.input:
        deciding.begin(Rule.INPUT, action.place)
    inputs = asking.checked_input(action, request)
    occurred_at = asking.checked_moment(action, request)
    bindings.variables["input"] = inputs
    asking.bind_named(deciding, action, bindings)
    asking.check_named_inputs(deciding, action, inputs)
    asking.ask(deciding, action, bindings)
    approvers = _approvers(deciding, action, bindings)
    if approvers is not None:
        return Deferred(approvers, tuple(deciding.asked))
    deciding.begin(Rule.EFFECTS, None)
    if action.name == UNDO:
        run_undo(deciding, bindings)
    else:
        _act(deciding, action, bindings, occurred_at)
        _react_to_all(deciding)
    check_invariants(deciding)
    return Accepted(tuple(deciding.events), deciding.working.before, deciding.working.after)


def _approvers(deciding: Deciding, action: Action, bindings: RuleBindings) -> frozenset[str] | None:
    """Return the roles of which somebody must approve, None where nobody must.

    What is done with a credential for proposals waits for those who manage the world, if the pack names nobody.
    """
    if action.approval and not _approved(deciding, action.approval, bindings):
        return roles_of(action.approval.by)
    grant = deciding.request.principal.grant
    if grant is None or not grant.proposals_only:
        return None
    deciding.fail(Rule.APPROVAL, action.place)
    return deciding.pack.admin_roles


def _approved(deciding: Deciding, approval: Approval, bindings: RuleBindings) -> bool:
    if approval.unless is None:
        deciding.fail(Rule.APPROVAL, approval.place)
        return False
    return deciding.asks(Rule.APPROVAL, approval.place, approval.unless, bindings)


def _act(deciding: Deciding, action: Action, bindings: RuleBindings, occurred_at: str | None) -> None:
    request, inputs = deciding.request, _mapping(bindings.variables["input"])
    private = action.private_inputs.intersection(inputs)
    draft = DraftEvent(
        deciding.fresh_id(), action.name, 0, frozenset(), action=action.name, acting=request.actor,
        target=request.target, input=inputs, private_input=private, occurred_at=occurred_at,
    )  # fmt: skip
    index = deciding.open_event(draft)
    running = Running(deciding, bindings, index)
    if request.founding:
        store.create(deciding, deciding.pack.kinds["world"], None, inputs, key=WORLD_ENTITY)
    effects.run(action.effects, running)
    if request.founding:
        # The creator has become a member by now.
        deciding.common["me"] = bindings.variables["me"] = asking.described(deciding)
        effects.run(deciding.pack.seeds, running)
    _end(deciding, index, action, bindings)


def _react_to_all(deciding: Deciding) -> None:
    lacking: list[Question] = []
    while deciding.pending:
        try:
            _react(deciding, deciding.pending.popleft())
        except LackError as lack:
            # Go on, to ask for what all reactions lack at once; this decision is thrown away in any case.
            lacking.extend(lack.questions)
        except RefusalError:
            if not lacking:
                raise
            break
    if lacking:
        raise LackError(*lacking)


def _react(deciding: Deciding, cause: int) -> None:
    event = deciding.events[cause]
    for reaction in deciding.pack.answers.get(event.type, ()):
        if _answers(reaction, event):
            bindings = _reaction_bindings(deciding, event)
            if reaction.when is None or deciding.holds(reaction.when, bindings):
                _one_reaction(deciding, reaction, cause, bindings)


def _one_reaction(deciding: Deciding, reaction: Reaction, cause: int, bindings: RuleBindings) -> None:
    event = deciding.events[cause]
    draft = DraftEvent(
        deciding.fresh_id(), reaction.name, event.depth + 1, frozenset(), cause=cause, rule=reaction.name,
        acting=event.acting, target=event.target,
    )  # fmt: skip
    index = deciding.open_event(draft)
    effects.run(reaction.effects, Running(deciding, bindings, index))
    _end(deciding, index, reaction, bindings)


def _end(deciding: Deciding, index: int, rule: Action | Reaction, bindings: RuleBindings) -> None:
    close_event(deciding, index)
    event = deciding.events[index]
    event.narrative = deciding.narrative(rule.narrative, bindings)
    event.keys = deciding.audience(rule.audience, bindings)


def _answers(reaction: Reaction, event: DraftEvent) -> bool:
    return reaction.kind is None or (event.data.get("kind"), event.data.get("field")) == (reaction.kind, reaction.field)


def _reaction_bindings(deciding: Deciding, event: DraftEvent) -> RuleBindings:
    told: dict[str, Plain] = {
        "id": event.id, "type": event.type, "by": deciding.request.principal.id, "data": dict(event.data),
    }  # fmt: skip
    bindings = RuleBindings(deciding.working, {**deciding.common, "event": told, "rolls": {}})
    if event.target:
        bindings.variables["entity"] = bindings.variables["target"] = Bound(event.target)
    if event.action:
        bindings.variables["input"] = dict(event.input)
    if event.acting:
        bindings.variables["actor"] = Bound(event.acting)
    return bindings


def _mapping(value: object) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}
