"""Acting by a thin route: the same binding and the same words as `routes.perform`, for what is well-formed."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter
from starlette.responses import Response

from reality_engine.actions.answer import Answer
from reality_engine.actions.batch_schemas import BatchRequest
from reality_engine.actions.batching import Batching
from reality_engine.actions.dependencies import Conditions, KeyHeader, MatchHeader
from reality_engine.actions.performing import Performing, done, refusal
from reality_engine.actions.schemas import ActRequest
from reality_engine.actions.service import Actions
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import encode
from reality_engine.web.cursors import Cursors
from reality_engine.web.thin import Asked, ThinRoute, UnusualError, valid

_KEY: Final[TypeAdapter[str | None]] = TypeAdapter(KeyHeader)
_MATCH: Final[TypeAdapter[str | None]] = TypeAdapter(MatchHeader)
_BODY: Final = TypeAdapter(ActRequest)
_BATCH: Final = TypeAdapter(BatchRequest)
_NO_CONDITIONS: Final = Conditions()


@dataclass(frozen=True, slots=True)
class ThinActing:
    """Performs actions."""

    actions: Actions
    cursors: Cursors

    def routes(self) -> tuple[ThinRoute, ...]:
        """Stand for the declared routes, in their order: `batch` stands where the name of an action may."""
        return (
            ThinRoute("perform_batch", self.perform_batch, frozenset({"Idempotency-Key"})),
            ThinRoute("perform", self.perform, frozenset({"Idempotency-Key", "If-Match"})),
        )

    async def perform_batch(self, asked: Asked) -> bytes | Response:
        """Act many times."""
        world, key = asked.path["world"], asked.header(b"idempotency-key")
        if asked.query or not is_id(world):
            raise UnusualError
        body, checked = valid(_BATCH, asked.body), None if key is None else valid(_KEY, key)
        principal = asked.principal()
        if not principal.known:
            raise UnusualError
        return await Batching(world, principal, self.actions, checked).perform(body)

    async def perform(self, asked: Asked) -> bytes | Response:
        """Act, and answer with what happened, or with the rule's no."""
        world = asked.path["world"]
        if asked.query or not is_id(world):
            raise UnusualError
        conditions = _conditions(asked)
        body = valid(_BODY, asked.body)
        principal = asked.principal()
        if not principal.known:
            raise UnusualError
        performing = Performing(world, principal, self.actions, conditions, self.cursors)
        answer = await performing.answer(asked.path["action"], body)
        if isinstance(answer, Response):
            return answer
        return told(answer) if answer.accepted else refusal(answer)


def _conditions(asked: Asked) -> Conditions:
    key, match = asked.header(b"idempotency-key"), asked.header(b"if-match")
    return (
        Conditions.of(valid(_KEY, key), valid(_MATCH, match))
        if key is not None or match is not None
        else _NO_CONDITIONS
    )


def told(answer: Answer) -> bytes:
    """Return what `ActResponse` says of an answer that is not a refusal."""
    return encode({"data": done(answer), "meta": {}, "errors": []})
