"""Acting many times by one request: submit the wishes, and answer with what came of each, or of all together."""

import logging
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Response

from reality_engine.actions import service
from reality_engine.actions.answer import Answer
from reality_engine.actions.batch_schemas import AbandonedEnvelope, BatchRequest, NotDoneResponse
from reality_engine.actions.dependencies import ActionsDep, KeyHeader
from reality_engine.actions.errors import AbandonedError, StaleError
from reality_engine.actions.performing import acting_principal, done, in_the_way, refusal_items
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Together
from reality_engine.kernel.errors import Problem, ProblemsError, RealityError
from reality_engine.kernel.json import encode
from reality_engine.kernel.principal import Principal
from reality_engine.reads.schemas import EntityResponse
from reality_engine.web.bodies import PathId
from reality_engine.web.codes import status_of, status_of_error
from reality_engine.web.envelope import ErrorItem
from reality_engine.web.errors import items_of
from reality_engine.web.failures import internal_error

logger = logging.getLogger(__name__)

# What is a header of a single action stands beside each one here.
_KEY: Final = "Idempotency-Key"
_PARTS: Final = {_KEY: "key", "If-Match": "if_match"}
# From here on a status speaks of the server and not of the request.
_TROUBLE: Final = 500
_HEADER: Final = "the header covers an atomic batch as a whole, and this one is not atomic"
_OWN_KEY: Final = "in an atomic batch the header Idempotency-Key covers the whole"


@dataclass(frozen=True, slots=True)
class Batching:
    """One principal about to act many times in one world, for one request; `key` is that of the whole."""

    world: str
    principal: Principal
    actions: Actions
    key: str | None = None

    async def perform(self, body: BatchRequest) -> bytes | Response:
        """Act, and answer with what came of it: the bytes of an answer that went well, or a whole response."""
        _check_keys(body, self.key)
        wishes = [each.to_wish(self.principal) for each in body.actions]
        if not body.atomic:
            outcomes = await service.submit_each(self.actions, self.world, wishes)
            return _told([self._result(outcome) for outcome in outcomes])
        try:
            answer = await service.submit(self.actions, self.world, Together(tuple(wishes), self.key))
        except AbandonedError as error:
            return self._abandoned(error)
        if answer.index is not None:
            return _no(status_of(str(answer.code)), _of_part(refusal_items(answer), answer.index), answer.index)
        return _told([_done(part, repeated=answer.repeated) for part in answer.parts])

    def _result(self, outcome: Answer | BaseException) -> dict[str, Any]:
        if isinstance(outcome, Answer):
            if outcome.accepted:
                return _done(outcome, repeated=outcome.repeated)
            told = _not_done(status_of(str(outcome.code)), refusal_items(outcome))
            standing = in_the_way(outcome)
            return told if standing is None else {**told, "events": standing}
        if isinstance(outcome, RealityError):
            return _not_done(status_of_error(type(outcome)), _renamed(items_of(outcome)), self._present(outcome))
        logger.error("unforeseen error in one action of a batch", exc_info=outcome)
        return _not_done(500, [internal_error()])

    def _abandoned(self, error: AbandonedError) -> Response:
        cause = error.cause
        items = _of_part(_renamed(items_of(cause)), error.index)
        return _no(status_of_error(type(cause)), items, error.index, self._present(cause))

    def _present(self, error: RealityError) -> EntityResponse | None:
        if not isinstance(error, StaleError) or error.present is None:
            return None
        return EntityResponse.of(error.present, self.actions.etag_key, self.principal.id)


async def batching_in(
    world: PathId,
    principal: Annotated[Principal, Depends(acting_principal)],
    actions: ActionsDep,
    key: KeyHeader = None,
) -> Batching:
    """Put together who acts where."""
    return Batching(world, principal, actions, key)


BatchingDep = Annotated[Batching, Depends(batching_in)]


def _check_keys(body: BatchRequest, key: str | None) -> None:
    problems = []
    if not body.atomic and key is not None:
        problems = [Problem("invalid", _HEADER, _KEY, "give each action a `key` of its own")]
    elif body.atomic:
        keyed = (index for index, each in enumerate(body.actions) if each.key is not None)
        problems = [Problem("invalid", _OWN_KEY, f"actions.{index}.key", "leave it out") for index in keyed]
    if problems:
        raise ProblemsError(problems[0].message, problems=tuple(problems))


def _told(results: list[dict[str, Any]]) -> bytes:
    return encode({"data": results, "meta": {}, "errors": []})


def _done(answer: Answer, *, repeated: bool) -> dict[str, Any]:
    return {**done(answer), "repeated": repeated, "status": 200}


def _not_done(status: int, errors: list[ErrorItem], present: EntityResponse | None = None) -> dict[str, Any]:
    told = NotDoneResponse(
        outcome="refused" if status < _TROUBLE else "failed", status=status, errors=errors, present=present
    )
    return told.model_dump(mode="json")


def _no(status: int, errors: list[ErrorItem], index: int, present: EntityResponse | None = None) -> Response:
    body = AbandonedEnvelope(errors=errors, index=index, present=present)
    return Response(body.model_dump_json(), status, media_type="application/json")


def _renamed(items: list[ErrorItem]) -> list[ErrorItem]:
    return [item.model_copy(update={"field": _PARTS.get(str(item.field), item.field)}) for item in items]


def _of_part(items: list[ErrorItem], index: int) -> list[ErrorItem]:
    place = f"actions.{index}"
    return [item.model_copy(update={"field": f"{place}.{item.field}" if item.field else place}) for item in items]
