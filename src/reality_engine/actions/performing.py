"""Acting on behalf of a route: submit a wish, and answer with what came of it; shared by every route that acts."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Query, Response

from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.actions import service
from reality_engine.actions.answer import Answer
from reality_engine.actions.dependencies import ActionsDep, ConditionsDep
from reality_engine.actions.schemas import ActRequest, ActResponse, RefusalEnvelope
from reality_engine.actions.service import Actions, Wish
from reality_engine.kernel.principal import Principal
from reality_engine.reads.explanation import ExplanationResponse
from reality_engine.rules.decision import Request
from reality_engine.web.bodies import PathId
from reality_engine.web.codes import status_of
from reality_engine.web.envelope import Envelope, ErrorItem

ExplainQuery = Annotated[
    bool | None, Query(description="Whether a refusal is to say which rules were asked, as far as you may know")
]


@dataclass(frozen=True, slots=True)
class Performing:
    """One principal about to act in one world, for one request."""

    world: str
    principal: Principal
    actions: Actions
    key: str | None
    if_match: str | None
    explain: bool = False

    async def perform(self, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
        """Act, and answer with what happened, or with the rule's no."""
        wish = Wish(self._request(action, body), self.key, self.if_match)
        return _shown(await service.submit(self.actions, self.world, wish))

    async def preview(self, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
        """Answer with what would happen; nothing stays."""
        wish = Wish(self._request(action, body), None, self.if_match)
        return _shown(await service.preview(self.actions, self.world, wish))

    def _request(self, action: str, body: ActRequest) -> Request:
        return replace(body.to_request(action, self.principal), explain=self.explain)


async def performing_in(
    world: PathId,
    principal: CurrentPrincipal,
    actions: ActionsDep,
    conditions: ConditionsDep,
    explain: ExplainQuery = None,
) -> Performing:
    """Put together who acts where."""
    return Performing(world, principal, actions, conditions.key, conditions.if_match, explain is True)


PerformingDep = Annotated[Performing, Depends(performing_in)]


def _shown(answer: Answer) -> Envelope[ActResponse] | Response:
    if answer.accepted:
        return Envelope(data=ActResponse.of(answer))
    code, message = str(answer.code), str(answer.message)
    told = [ErrorItem(code=one.code, message=one.message, field=one.field, hint=one.hint) for one in answer.problems]
    body = RefusalEnvelope(
        errors=told or [ErrorItem(code=code, message=message)], explanation=ExplanationResponse.of(answer.explanation)
    )
    return Response(body.model_dump_json(), status_of(code), media_type="application/json")
