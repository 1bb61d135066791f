"""Every query on the answers kept for repeated requests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeAlias

from sqlalchemy import Delete, bindparam, delete, select, tuple_, update

from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import KeyReusedError
from reality_engine.actions.models import AnswerRow
from reality_engine.db.batch import Batch
from reality_engine.db.dialects.dialect import Dialect, Given
from reality_engine.db.reading.statement import Script, Statement
from reality_engine.db.shape import shape_of
from reality_engine.db.types import Id
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.json import decode

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


Kept: TypeAlias = dict[Place, KeptAnswer]


def kept_answers(dialect: Dialect, places: Collection[Place]) -> Script[Kept]:
    """Find the answers that were given before, those of each world at once."""
    found: Kept = {}
    for world in sorted({place[0] for place in places}):
        keys = sorted({place[2] for place in places if place[0] == world})
        rows = yield _kept(dialect), {"world": world, "among": dialect.listed(keys)}
        for key, principal, request, answer in rows:
            told: Any = decode(answer)
            found[world, principal, key] = KeptAnswer(bytes(request), Answer.from_json(told))
    return {place: kept for place, kept in found.items() if place in places}


@cache
def _kept(dialect: Dialect) -> Statement:
    row = AnswerRow
    written = dialect.documents.written(row.__table__.c.answer)
    query = select(row.key, row.principal, row.request, written).where(
        row.world == bindparam("world", type_=Id(), required=True), dialect.among(row.key, Given())
    )
    return Statement(query, dialect.name)


def keep_answer(batch: Batch, place: Place, kept: KeptAnswer, now: datetime) -> None:
    """Keep an answer."""
    world, principal, key = place
    batch.insert(ANSWERS, (world, key, principal, kept.request, kept.answer.to_json(), now))


async def answers_after(
    unit: ReadUnit, world: str, after: tuple[str, str], many: int, since: datetime | None = None
) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the answers of a world as they are kept, by key and principal, beyond one of these; at most so many.

    With `since`, only those that were kept from then on.
    """
    row = AnswerRow
    query = select(row.key, row.principal, row.answer).where(row.world == world, tuple_(row.key, row.principal) > after)
    if since is not None:
        query = query.where(row.created_at >= since)
    found = await unit.session.execute(query.order_by(row.key, row.principal).limit(many))
    return [(key, principal, answer) for key, principal, answer in found]


async def keep_instead(unit: WriteUnit, world: str, answers: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    """Keep other answers than before, by key and principal."""
    row = AnswerRow
    for (key, principal), answer in answers.items():
        there = (row.world == world) & (row.key == key) & (row.principal == principal)
        await unit.session.execute(update(row).where(there).values(answer=answer))


async def forget_answers_to(unit: WriteUnit, principal: str, many: int) -> int:
    """Delete answers to a principal, at most so many, and return how many these were."""
    row = AnswerRow
    found = (await unit.session.execute(select(row.world, row.key).where(row.principal == principal).limit(many))).all()
    if found:
        keys = [{"of_world": world, "of_key": key, "of_principal": principal} for world, key in found]
        await (await unit.session.connection()).execute(_dropping(), keys)
    return len(found)


async def forget_answers_before(unit: WriteUnit, moment: datetime, many: int) -> int:
    """Delete answers that were kept before a moment, the oldest first and at most so many; returns how many.

    Those that another transaction deletes just now are left to it.
    """
    row = AnswerRow
    query = select(row.world, row.key, row.principal).where(row.created_at < moment).order_by(row.created_at)
    found = (await unit.session.execute(query.limit(many).with_for_update(skip_locked=True))).all()
    if found:
        keys = [{"of_world": world, "of_key": key, "of_principal": principal} for world, key, principal in found]
        await (await unit.session.connection()).execute(_dropping(), keys)
    return len(found)


@cache
def _dropping() -> Delete:
    columns = AnswerRow.__table__.c
    return delete(AnswerRow).where(
        columns.world == bindparam("of_world", type_=Id()),
        columns.key == bindparam("of_key"),
        columns.principal == bindparam("of_principal"),
    )
