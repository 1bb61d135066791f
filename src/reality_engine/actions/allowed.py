"""Which actions a principal may do, of those that a world has: each with yes, no or what it depends on."""

from dataclasses import dataclass, replace

from reality_engine.actions.context import ActionContext
from reality_engine.actions.memory import Memory
from reality_engine.actions.recalling import begin, first_questions, recall
from reality_engine.actions.turn import MAX_ROUNDS
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import UnavailableError
from reality_engine.packs.compiled import Action
from reality_engine.rules.allowed import Allowed, allowed
from reality_engine.rules.decision import Lacking, Request
from reality_engine.rules.naming import named_by
from reality_engine.visibility import entities
from reality_engine.visibility.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Choice:
    """An action, and whether it may be done."""

    action: Action
    allowed: Allowed


async def choices(
    unit: ReadUnit, actions: ActionContext, viewer: Viewer, target: str | None, actor: str | None
) -> list[Choice]:
    """Return the actions on a target (None: those that have none), each with its answer; raises NotFoundError.

    An actor that the viewer may not see is one that does not exist.
    """
    kind = None if target is None else (await entities.get_entity(unit, viewer, target)).kind
    principal = viewer.principal
    named = named_by(None, Request("", principal, actor, target))
    hidden = frozenset(named - await entities.visible_ids(unit, viewer, named))
    asked = [action for action in viewer.pack.actions.values() if action.target == kind]
    asked = [action for action in asked if action.name != "world.create"]
    request = Request("", principal, actor, target, hidden=hidden)
    memory = await begin(unit, viewer.world, actions.packs)
    return [await _choice(unit, actions, memory, action, request) for action in asked]


async def _choice(unit: ReadUnit, actions: ActionContext, memory: Memory, action: Action, request: Request) -> Choice:
    asked = replace(request, action=action.name, actor=request.actor if action.actor else None)
    for _ in range(MAX_ROUNDS):
        answer = allowed(memory.pack, asked, memory, actions.clock.now())
        if not isinstance(answer, Lacking):
            return Choice(action, answer)
        await recall(unit, memory, {*answer.questions, *first_questions(memory, asked)})
    raise UnavailableError("the rules kept lacking facts")
