"""Which actions a principal may do, of those that a world has: each with yes, no or what it depends on."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from reality_engine.actions.context import ActionContext
from reality_engine.actions.memory import Memory
from reality_engine.actions.recalling import begin, first_questions, recall
from reality_engine.actions.recalling_past import begin_then, recall_then
from reality_engine.actions.turn import MAX_ROUNDS
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import UnavailableError
from reality_engine.packs.compiled import Action
from reality_engine.rules.allowed import Allowed, allowed
from reality_engine.rules.asking import may_be_asked_for
from reality_engine.rules.decision import Lacking, Question, Request
from reality_engine.rules.naming import named_by
from reality_engine.visibility import entities
from reality_engine.visibility.states import NOW
from reality_engine.visibility.viewer import Viewer

# Answers questions, into a memory.
Recall: TypeAlias = Callable[[Memory, Iterable[Question]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Choice:
    """An action, and whether it may be done."""

    action: Action
    allowed: Allowed


async def choices(
    unit: ReadUnit, actions: ActionContext, viewer: Viewer, target: str | None, actor: str | None,
    then: datetime | None = None,
) -> list[Choice]:  # fmt: skip
    """Return the actions on a target (None: those that have none), each with its answer; raises NotFoundError.

    An actor that the viewer may not see is one that does not exist. `then` is the time of the moment that the viewer
    looks at, for whose rules and states the answers are.
    """
    kind = None if target is None else (await entities.get_entity(unit, viewer, target)).kind
    principal = viewer.principal
    named = named_by(None, Request("", principal, actor, target))
    hidden = frozenset(named - await entities.visible_ids(unit, viewer, named))
    asked = [action for action in viewer.pack.actions.values() if action.target == kind]
    asked = [action for action in asked if may_be_asked_for(action.name)]
    request = Request("", principal, actor, target, hidden=hidden)
    if viewer.states is NOW:
        memory, recalled = await begin(unit, viewer.world, actions.packs), partial(recall, unit)
    else:
        memory, recalled = await begin_then(unit, viewer), partial(recall_then, unit, viewer)
    now = then or actions.clock.now()
    return [await _choice(memory, recalled, action, request, now) for action in asked]


async def _choice(memory: Memory, recalled: Recall, action: Action, request: Request, now: datetime) -> Choice:
    asked = replace(request, action=action.name, actor=request.actor if action.actor else None)
    for _ in range(MAX_ROUNDS):
        answer = allowed(memory.pack, asked, memory, now)
        if not isinstance(answer, Lacking):
            return Choice(action, answer)
        await recalled(memory, {*answer.questions, *first_questions(memory, asked)})
    raise UnavailableError("the rules kept lacking facts")
