"""Every query on the answers kept for repeated requests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import select

from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import KeyReusedError
from reality_engine.actions.models import AnswerRow
from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.db.unit import ReadUnit

# A world, a principal and an idempotency key.
Place: TypeAlias = tuple[str, str, str]
ANSWERS: Final = shape_of(AnswerRow)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered, and the digest of the request."""

    request: bytes
    answer: Answer

    def again(self, request: bytes) -> Answer:
        """Answer a repetition; raises KeyReusedError where it is another request."""
        if self.request != request:
            raise KeyReusedError(
                "this Idempotency-Key was used for another request", field="Idempotency-Key", hint="use a fresh key"
            )
        return Answer.from_json(self.answer.to_json())


async def find_answers(unit: ReadUnit, places: Collection[Place]) -> dict[Place, KeptAnswer]:
    """Return the answers that were given before."""
    found: dict[Place, KeptAnswer] = {}
    for world, principal in {place[:2] for place in places}:
        keys = sorted(place[2] for place in places if place[:2] == (world, principal))
        query = select(AnswerRow.key, AnswerRow.request, AnswerRow.answer).where(
            AnswerRow.world == world, AnswerRow.principal == principal, unit.dialect.among(AnswerRow.key, keys)
        )
        for key, request, answer in await unit.session.execute(query):
            found[world, principal, key] = KeptAnswer(bytes(request), Answer.from_json(answer))
    return found


def keep_answer(batch: Batch, place: Place, kept: KeptAnswer, now: datetime) -> None:
    """Keep an answer."""
    batch.insert(ANSWERS, (*place, kept.request, kept.answer.to_json(), now))
