"""Every query that reads the log; not the one that writes it, see `writer`."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import Any

from sqlalchemy import BigInteger, Text, and_, bindparam, cast, select, type_coerce
from sqlalchemy.types import NullType

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.reading.statement import Script, Statement
from reality_engine.db.types import Id
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.eventlog.reading import Stored, event_at, event_of
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.json import decode

BATCH = 500
# A megabyte or two. Smaller ones cost a third more time, larger ones save nothing.
PAGE = 1000
# Most actions have a few events.
_CASCADE = 16
_NO_WORLD = "there is no such world"


async def lock_head(unit: WriteUnit, world: str) -> Head:
    """Return where a world's log stands and hold it until the transaction ends; raises NotFoundError."""
    query = unit.dialect.locked(select(HeadRow).where(HeadRow.world == world))
    return _head(await unit.session.scalar(query))


async def get_head(unit: ReadUnit, world: str) -> Head:
    """Return where a world's log stands; raises NotFoundError."""
    return _head(await unit.session.scalar(select(HeadRow).where(HeadRow.world == world)))


async def find_head(unit: ReadUnit, world: str) -> Head | None:
    """Return where a world's log stands, None where there is none."""
    row = await unit.session.scalar(select(HeadRow).where(HeadRow.world == world))
    return None if row is None else _head(row)


def news(dialect: Dialect, world: str, after: int, many: int) -> Script[tuple[Head, list[Event]]]:
    """Return where a world's log stands, and its events beyond a position, in order, where they are at most so many.

    Both are of one moment. Raises NotFoundError.
    """
    rows = yield _news(dialect), {"world": world, "after": after, "until": after + many}
    if not rows:
        raise NotFoundError(_NO_WORLD)
    position, digest, epoch, pack, moment, scopes = rows[0][:6]
    recorded_at: Any = decode(moment)
    # The head is there by itself where nothing happened.
    told = (row[6:] for row in rows if row[6] is not None)
    events = [_told(*one) for one in told]
    return Head(position, bytes(digest), epoch, pack, from_text(recorded_at), scopes), events


def _told(position: int, body: bytes, written: str) -> Event:
    private: Any = decode(written)
    return event_at(position, bytes(body), private)


@cache
def _news(dialect: Dialect) -> Statement:
    head, row, written = HeadRow, EventRow, dialect.documents
    after, until = (bindparam(name, type_=BigInteger, required=True) for name in ("after", "until"))
    query = (
        select(
            head.position, head.digest, head.epoch, head.pack, written.written_moment(head.__table__.c.recorded_at),
            head.scopes, row.position, row.body, written.written(row.__table__.c.private),
        )
        .outerjoin(row, and_(row.world == head.world, row.position > after, head.position <= until))
        .where(head.world == bindparam("world", type_=Id(), required=True))
        .order_by(row.position)
    )  # fmt: skip
    return Statement(query, dialect.name)


async def is_in_log(unit: ReadUnit, world: str, head: Head) -> bool:
    """Say whether a world's log once ended as this head says."""
    if head.position == 0:
        return True
    query = select(EventRow.digest).where(EventRow.world == world, EventRow.position == head.position)
    return await unit.session.scalar(query) == head.digest


async def recorded_at(unit: ReadUnit, world: str, position: int) -> tuple[bytes, datetime] | None:
    """Return the digest of the event at a position, as it is stored, and its moment; None where there is none."""
    query = select(EventRow.digest, EventRow.recorded_at).where(EventRow.world == world, EventRow.position == position)
    row = (await unit.session.execute(query)).one_or_none()
    return None if row is None else (row.digest, row.recorded_at)


async def pack_of(unit: ReadUnit, world: str, position: int) -> str:
    """Return the digest of the pack version that an event happened under; raises NotFoundError where there is none."""
    query = select(EventRow.body).where(EventRow.world == world, EventRow.position == position)
    body: Any = await unit.session.scalar(query)
    if body is None:
        raise NotFoundError("there is no such event in this world")
    told: Any = decode(body)
    return str(told["pack"])


async def events_of_type(unit: ReadUnit, world: str, kind: str) -> list[Event]:
    """Return a world's events of a type, in order. It looks at every event: for what is done with a whole log."""
    query = select(EventRow).where(EventRow.world == world, EventRow.type == kind).order_by(EventRow.position)
    return [event_of(row) for row in await unit.session.scalars(query)]


async def rule_of(unit: ReadUnit, world: str, position: int) -> tuple[str, str | None]:
    """Return the pack version that an event happened under, and the reaction that made it, if one did."""
    query = select(EventRow.body).where(EventRow.world == world, EventRow.position == position)
    body: Any = decode((await unit.session.scalars(query)).one())
    return body["pack"], body.get("rule")


async def stored_events(unit: ReadUnit, world: str, after: int = 0) -> AsyncIterator[EventRow]:
    """Yield the rows of a world's events in order, from the position after `after`, a batch at a time."""
    while True:
        query = select(EventRow).where(EventRow.world == world, EventRow.position > after)
        rows = (await unit.session.scalars(query.order_by(EventRow.position).limit(BATCH))).all()
        for row in rows:
            yield row
        unit.session.expunge_all()
        if len(rows) < BATCH:
            return
        after = rows[-1].position


async def stored_page(unit: ReadUnit, world: str, after: int, many: int) -> list[Stored]:
    """Return the rows that follow a position, at most so many, as the driver has them."""
    row = EventRow
    # The text of an id and of JSON is all that is looked at, and costs the least where the database writes it.
    columns = (
        row.position, cast(row.id, Text), row.type, row.recorded_at, row.digest, row.body, cast(row.private, Text)
    )  # fmt: skip
    query = select(*(type_coerce(column, NullType()) for column in columns))
    query = query.where(row.world == world, row.position > after).order_by(row.position).limit(many)
    rows: Any = await unit.session.execute(query)
    return list(rows)


async def events_between(unit: ReadUnit, world: str, after: int, head: Head) -> list[Event]:
    """Return a world's events beyond the position `after`, up to a head of it, in order."""
    row = EventRow
    query = select(row).where(row.world == world, row.position > after, row.position <= head.position)
    return [event_of(one) for one in await unit.session.scalars(query.order_by(row.position))]


async def events_at(unit: ReadUnit, world: str, positions: Sequence[int]) -> list[Event]:
    """Return the events at some positions, in no order."""
    found: list[Event] = []
    for at in range(0, len(positions), BATCH):
        query = select(EventRow).where(EventRow.world == world, EventRow.position.in_(positions[at : at + BATCH]))
        found += [event_of(row) for row in await unit.session.scalars(query)]
    return found


async def events_by_id(unit: ReadUnit, world: str, keys: Collection[str]) -> list[Event]:
    """Return those of the events that there are, in no order."""
    query = select(EventRow).where(EventRow.world == world, unit.dialect.among(EventRow.id, sorted(keys)))
    return [event_of(row) for row in await unit.session.scalars(query)]


async def cascade(unit: ReadUnit, world: str, key: str) -> list[Event]:
    """Return the events of the action whose own event has this id, in order: they stand one after the other."""
    first = await events_by_id(unit, world, [key])
    found: list[Event] = []
    while first:
        after = found[-1].position if found else first[0].position - 1
        query = select(EventRow).where(EventRow.world == world, EventRow.position > after)
        rows = await unit.session.scalars(query.order_by(EventRow.position).limit(_CASCADE))
        events = [event_of(row) for row in rows]
        alike = list(takewhile(lambda event: event.correlation == key, events))
        found += alike
        if len(alike) < _CASCADE:
            break
    return found


def _head(row: HeadRow | None) -> Head:
    if row is None:
        raise NotFoundError(_NO_WORLD)
    return Head(row.position, row.digest, row.epoch, row.pack, row.recorded_at, row.scopes)
