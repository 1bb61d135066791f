"""The only place that appends to the log; only the write path may import it, inside its transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, update

from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog.chain import GENESIS, link, sealed_body
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.kernel.errors import IntegrityError


async def open_log(unit: WriteUnit, world: str, pack: str, now: datetime) -> Head:
    """Insert the head of a new world, whose log is still empty, and return it."""
    head = Head(0, GENESIS, 0, pack, now)
    row = {"world": world, "position": 0, "digest": GENESIS, "epoch": 0, "pack": pack, "recorded_at": now, "scopes": 0}
    await unit.session.execute(insert(HeadRow).values(**row))
    return head


async def append(
    unit: WriteUnit, world: str, head: Head, events: Sequence[Event], *, moves_scopes: bool = True
) -> Head:
    """Append events at the next positions, which they must bear, and return the new head.

    `moves_scopes` says whether they may have changed who sees what. The head must be locked by this transaction.
    Raises IntegrityError where the events do not follow it.
    """
    rows = []
    digest = head.digest
    for offset, event in enumerate(events, start=1):
        if event.position != head.position + offset:
            raise IntegrityError("events must be appended at the next positions")
        body, private = sealed_body(event)
        digest = link(digest, body)
        rows.append(
            {"world": world, "position": event.position, "id": event.id, "type": event.type,
             "recorded_at": event.recorded_at, "digest": digest, "body": body, "private": private}
        )  # fmt: skip
    await unit.session.execute(insert(EventRow), rows)
    position = head.position + len(events)
    moved = replace(
        head, position=position, digest=digest, recorded_at=events[-1].recorded_at,
        scopes=position if moves_scopes else head.scopes,
    )  # fmt: skip
    await unit.session.execute(
        update(HeadRow)
        .where(HeadRow.world == world)
        .values(position=moved.position, digest=moved.digest, recorded_at=moved.recorded_at, scopes=moved.scopes)
    )
    return moved
