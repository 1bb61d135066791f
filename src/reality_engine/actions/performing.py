"""Acting on behalf of a route: submit a wish, and answer with what came of it; shared by every route that acts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Query, Response

from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.actions import service
from reality_engine.actions.answer import Answer
from reality_engine.actions.dependencies import ActionsDep, Conditions, ConditionsDep
from reality_engine.actions.errors import StaleError
from reality_engine.actions.schemas import ActRequest, ActResponse, RefusalEnvelope, StaleEnvelope
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.kernel.principal import Principal
from reality_engine.reads.dependencies import ViewAsHeader
from reality_engine.reads.explanation import ExplanationResponse
from reality_engine.reads.schemas import EntityResponse
from reality_engine.reads.standing import stand_at, stood_at
from reality_engine.reads.view_as import HEADER, ViewAsReadsOnlyError
from reality_engine.rules.undoing import BUILT_UPON
from reality_engine.web.bodies import PathId
from reality_engine.web.codes import status_of
from reality_engine.web.cursors import Cursors
from reality_engine.web.dependencies import CursorsDep
from reality_engine.web.envelope import Envelope, ErrorItem, Meta
from reality_engine.web.errors import items_of

Acting: TypeAlias = Callable[[Actions, str, Wish], Awaitable[Answer]]
ExplainQuery = Annotated[
    bool | None, Query(description="Whether a refusal is to say which rules were asked, as far as you may know")
]


@dataclass(frozen=True, slots=True)
class Performing:
    """One principal about to act in one world, for one request."""

    world: str
    principal: Principal
    actions: Actions
    conditions: Conditions
    cursors: Cursors
    explain: bool = False

    async def perform(self, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
        """Act, and answer with what happened, or with the rule's no."""
        return shown(await self.answer(action, body))

    async def answer(self, action: str, body: ActRequest) -> Answer | Response:
        """Act, and return what came of it; a whole response where the caller had not seen what they acted on."""
        return await self._answer(service.submit, self._wish(action, body))

    async def submit(self, action: str, body: ActRequest) -> Answer:
        """Act, and return what came of it."""
        return await service.submit(self.actions, self.world, self._wish(action, body))

    async def preview(self, action: str, body: ActRequest) -> Envelope[ActResponse] | Response:
        """Answer with what would happen; nothing stays."""
        return shown(await self._answer(service.preview, self._wish(action, body)))

    def _wish(self, action: str, body: ActRequest) -> Wish:
        since = None if body.since is None else stood_at(self.cursors, self.world, self.principal.id, body.since)
        request = body.to_request(action, self.principal, explain=self.explain)
        return Wish(request, self.conditions.key, self.conditions.if_match, since)

    async def _answer(self, acting: Acting, wish: Wish) -> Answer | Response:
        try:
            return await acting(self.actions, self.world, wish)
        except StaleError as stale:
            return self._stale(stale)

    def _stale(self, stale: StaleError) -> Response:
        if stale.present is None:
            raise stale
        body = StaleEnvelope(
            meta=Meta(cursor=stand_at(self.cursors, self.world, self.principal.id, stale.position)),
            errors=items_of(stale),
            present=EntityResponse.of(stale.present, self.actions.etag_key, self.principal.id),
            events=None if stale.events is None else [dict(event) for event in stale.events],
        )
        return Response(body.model_dump_json(), status_of(stale.code), media_type="application/json")


async def acting_principal(principal: CurrentPrincipal, view_as: ViewAsHeader = None) -> Principal:
    """Return who acts; raises ViewAsReadsOnlyError for who looks with another's eyes."""
    if view_as is not None:
        message = "with another member's eyes one can look, and not act"
        raise ViewAsReadsOnlyError(message, field=HEADER, hint=f"act without the header {HEADER}")
    return principal


async def performing_in(
    world: PathId,
    principal: Annotated[Principal, Depends(acting_principal)],
    actions: ActionsDep,
    conditions: ConditionsDep,
    cursors: CursorsDep,
    explain: ExplainQuery = None,
) -> Performing:
    """Put together who acts where."""
    return Performing(world, principal, actions, conditions, cursors, explain is True)


PerformingDep = Annotated[Performing, Depends(performing_in)]


def shown(answer: Answer | Response) -> Envelope[ActResponse] | Response:
    """Say what came of it, or the rule's no."""
    if isinstance(answer, Response):
        return answer
    if answer.accepted:
        return Envelope(data=ActResponse.of(answer))
    return refusal(answer)


def refusal(answer: Answer) -> Response:
    """Say the rule's no."""
    body = RefusalEnvelope(
        errors=refusal_items(answer), explanation=ExplanationResponse.of(answer.explanation),
        events=in_the_way(answer),
    )  # fmt: skip
    return Response(body.model_dump_json(), status_of(str(answer.code)), media_type="application/json")


def in_the_way(answer: Answer) -> list[dict[str, Any]] | None:
    """Return the events that stand in the way of an undo, None where something else was refused."""
    return [dict(event) for event in answer.events] if answer.code == BUILT_UPON else None


def refusal_items(answer: Answer) -> list[ErrorItem]:
    """Return everything that a rule's no tells."""
    told = [ErrorItem(code=one.code, message=one.message, field=one.field, hint=one.hint) for one in answer.problems]
    return told or [ErrorItem(code=str(answer.code), message=str(answer.message))]


def done(answer: Answer) -> dict[str, Any]:
    """Return what `ActResponse` says of an answer that is not a refusal, ready to be encoded."""
    return {"outcome": "accepted", "repeated": answer.repeated, "events": answer.events, "created": answer.created}
