"""Every query on the answers kept for repeated requests."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import KeyReusedError
from reality_engine.actions.models import AnswerRow
from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.db.unit import ReadUnit

ANSWERS: Final = shape_of(AnswerRow)


async def find_answer(unit: ReadUnit, world: str, principal: str, key: str, request: bytes) -> Answer | None:
    """Return the answer given before to this key; raises KeyReusedError where that was another request."""
    query = select(AnswerRow.request, AnswerRow.answer).where(
        AnswerRow.world == world, AnswerRow.principal == principal, AnswerRow.key == key
    )
    row = (await unit.session.execute(query)).one_or_none()
    if row is None:
        return None
    if bytes(row[0]) != request:
        raise KeyReusedError(
            "this Idempotency-Key was used for another request", field="Idempotency-Key", hint="use a fresh key"
        )
    return Answer.from_json(row[1])


def keep_answer(
    batch: Batch, world: str, principal: str, key: tuple[str, bytes], answer: Answer, now: datetime
) -> None:
    """Keep an answer under (idempotency key, digest of the request)."""
    batch.insert(ANSWERS, (world, principal, *key, answer.to_json(), now))
