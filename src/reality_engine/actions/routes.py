"""Acting over HTTP: perform, preview, and what is allowed; nothing is decided here."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.actions import service
from reality_engine.actions.allowed import choices
from reality_engine.actions.answer import Answer
from reality_engine.actions.dependencies import ActionsDep, ConditionsDep
from reality_engine.actions.errors import KeyReusedError, StaleError
from reality_engine.actions.schemas import ActRequest, ActResponse, ChoiceResponse
from reality_engine.actions.service import Wish
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.reads.dependencies import Looking, LookingDep
from reality_engine.web.bodies import PathId
from reality_engine.web.codes import status_of
from reality_engine.web.envelope import Envelope, ErrorItem
from reality_engine.web.errors import answer as error_answer
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}", tags=["actions"])

_ACTING = responses(UnauthenticatedError, DeniedError, NotFoundError, StaleError, KeyReusedError)
_LOOKING = responses(UnauthenticatedError, NotFoundError)
ActorQuery = Annotated[str | None, Query(max_length=36, description="Which of your own entities would act")]


@router.post("/actions/{action}", response_model=Envelope[ActResponse], responses=_ACTING)
async def perform(
    look: LookingDep,
    action: str,
    body: ActRequest,
    principal: CurrentPrincipal,
    actions: ActionsDep,
    conditions: ConditionsDep,
) -> Envelope[ActResponse] | Response:
    """Act. A rule's no is an error with its code and the pack's own words, and changes nothing."""
    wish = Wish(body.to_request(action, principal), conditions.key, conditions.if_match)
    return _shown(await service.submit(actions, look.world, wish))


@router.post("/actions/{action}/preview", response_model=Envelope[ActResponse], responses=_ACTING)
async def preview(
    look: LookingDep,
    action: str,
    body: ActRequest,
    principal: CurrentPrincipal,
    actions: ActionsDep,
    conditions: ConditionsDep,
) -> Envelope[ActResponse] | Response:
    """Say what the action would come to now; nothing is changed, and dice will fall anew."""
    wish = Wish(body.to_request(action, principal), None, conditions.if_match)
    return _shown(await service.preview(actions, look.world, wish))


@router.get("/actions", responses=_LOOKING)
async def list_actions(
    look: LookingDep, actions: ActionsDep, actor: ActorQuery = None
) -> Envelope[list[ChoiceResponse]]:
    """List the actions that need no target, each with whether you may do it, and what it takes."""
    return await _choices(look, actions, None, actor)


@router.get("/entities/{entity}/allowed", responses=_LOOKING)
async def list_allowed(
    look: LookingDep, entity: PathId, actions: ActionsDep, actor: ActorQuery = None
) -> Envelope[list[ChoiceResponse]]:
    """List the actions on an entity, each with whether you may do it, and what it takes."""
    return await _choices(look, actions, entity, actor)


async def _choices(
    look: Looking, actions: service.Actions, target: str | None, actor: str | None
) -> Envelope[list[ChoiceResponse]]:
    async with look.open() as (unit, viewer):
        found = await choices(unit, actions, viewer, look.principal, target, actor)
    return Envelope(data=[ChoiceResponse.of(choice) for choice in found])


def _shown(answer: Answer) -> Envelope[ActResponse] | Response:
    if answer.accepted:
        return Envelope(data=ActResponse.of(answer))
    code, message = str(answer.code), str(answer.message)
    told = [ErrorItem(code=one.code, message=one.message, field=one.field, hint=one.hint) for one in answer.problems]
    return error_answer(status_of(code), told or [ErrorItem(code=code, message=message)])
