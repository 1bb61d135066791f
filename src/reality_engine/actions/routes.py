"""Acting over HTTP: perform, preview, and what is allowed; nothing is decided here."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from reality_engine.accounts.access import WORLD
from reality_engine.actions.allowed import choices
from reality_engine.actions.batch_schemas import AbandonedEnvelope, BatchRequest, DoneResponse, NotDoneResponse
from reality_engine.actions.batching import BatchingDep
from reality_engine.actions.dependencies import ActionsDep
from reality_engine.actions.errors import KeyReusedError, StaleError
from reality_engine.actions.performing import PerformingDep
from reality_engine.actions.schemas import ActRequest, ActResponse, ChoiceResponse, RefusalEnvelope, UndoRequest
from reality_engine.actions.service import Actions
from reality_engine.kernel.errors import DeniedError, InvalidError, NotFoundError, RealityError, UnauthenticatedError
from reality_engine.kernel.granting import InsufficientScopeError
from reality_engine.reads.dependencies import Looking, LookingBackDep
from reality_engine.reads.view_as import VIEWING, ViewAsReadsOnlyError
from reality_engine.rules.undoable import UNDO
from reality_engine.visibility.moments import BadAsOfError
from reality_engine.web.bodies import PathId
from reality_engine.web.envelope import Envelope, Meta
from reality_engine.web.responses import Responses, responses

router = APIRouter(prefix="/worlds/{world}", tags=["actions"], dependencies=[WORLD])

REFUSALS: Final = (
    "unknown_action",
    "invalid_input",
    "unknown_field",
    "required",
    "requirement_failed",
    "banned",
    "approval_required",
    "out_of_bounds",
    "not_unique",
    "no_value",
    "evaluation_failed",
    "empty_list",
    "invariant_broken",
    "built_upon",
    "already_undone",
    "nothing_to_undo",
    "not_undoable",
    "limit_exceeded",
)


def acting(*errors: type[RealityError]) -> Responses:
    """Return what routes that act may answer, with errors that are a route's own."""
    every = responses(
        UnauthenticatedError, DeniedError, InsufficientScopeError, ViewAsReadsOnlyError, NotFoundError, StaleError,
        KeyReusedError, *errors, codes=REFUSALS,
    )  # fmt: skip
    return {status: {**entry, "model": RefusalEnvelope} for status, entry in every.items()}


ACTING: Final = acting()
_LOOKING = responses(UnauthenticatedError, *VIEWING, DeniedError, NotFoundError, InvalidError, BadAsOfError)
ActorQuery = Annotated[str | None, Query(max_length=36, description="Which of your own entities would act")]


# Before the next one, whose path it fits too: a pack can have no action of this name.
@router.post(
    "/actions/batch",
    response_model=Envelope[list[DoneResponse | NotDoneResponse]],
    responses={status: {**entry, "model": AbandonedEnvelope} for status, entry in ACTING.items()},
)
async def perform_batch(batching: BatchingDep, body: BatchRequest) -> Response:
    """Act up to 1,000 times, in this order, each for itself or (`atomic`) all or none.

    Each for itself: the answer is 200 and has one result for each action, as it would have been alone; a refused one
    keeps nobody else from acting. Repeat the request safely by giving each action a `key`.

    Atomic: each action sees what those before it did. If one is refused, nothing happens, and the answer is its
    refusal, with `index` and fields such as `actions.3.input.effort`. An action that may roll dice or draw can only be
    the last one. Repeat the request safely by the header Idempotency-Key.
    """
    answer = await batching.perform(body)
    return Response(answer, media_type="application/json") if isinstance(answer, bytes) else answer


@router.post("/actions/{action}", response_model=Envelope[ActResponse], responses=ACTING)
async def perform(performing: PerformingDep, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
    """Act. A rule's no is an error with its code and the pack's own words, and changes nothing."""
    return await performing.perform(action, body)


@router.post("/actions/{action}/preview", response_model=Envelope[ActResponse], responses=ACTING)
async def preview(performing: PerformingDep, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
    """Say what the action would come to now; nothing is changed, and dice will fall anew."""
    return await performing.preview(action, body)


@router.post("/events/{event}/undo", response_model=Envelope[ActResponse], responses=ACTING)
async def undo(performing: PerformingDep, event: PathId, body: UndoRequest) -> Envelope[ActResponse] | Response:
    """Undo what an event changed, where nothing has changed it since: the action `world.undo`, under its own path."""
    return await performing.perform(UNDO, body.to_act(event))


@router.get("/actions", responses=_LOOKING)
async def list_actions(
    look: LookingBackDep, actions: ActionsDep, actor: ActorQuery = None
) -> Envelope[list[ChoiceResponse]]:
    """List the actions that need no target, each with whether you may do it, and what it takes."""
    return await _choices(look, actions, None, actor)


@router.get("/entities/{entity}/allowed", responses=_LOOKING)
async def list_allowed(
    look: LookingBackDep, entity: PathId, actions: ActionsDep, actor: ActorQuery = None
) -> Envelope[list[ChoiceResponse]]:
    """List the actions on an entity, each with whether you may do it, and what it takes."""
    return await _choices(look, actions, entity, actor)


async def _choices(
    look: Looking, actions: Actions, target: str | None, actor: str | None
) -> Envelope[list[ChoiceResponse]]:
    async with look.open() as (unit, viewer):
        then = None if look.past is None else await look.past.time(unit, viewer)
        found = await choices(unit, actions, viewer, target, actor, then)
    return Envelope(data=[ChoiceResponse.of(choice) for choice in found], meta=Meta(as_of=look.as_of))
