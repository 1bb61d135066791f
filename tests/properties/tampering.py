"""Ways to alter what is stored behind the back of the product, and what `verify` must name then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.engine import Row

from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog.chain import GENESIS, link
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.kernel.ids import fresh_id
from reality_engine.state.models import (
    EntityRow,
    FacetRow,
    PastEntityRow,
    PastFacetRow,
    PastRefRow,
    PastUniqueRow,
    RefRow,
    UniqueRow,
)
from reality_engine.visibility.models import (
    EntityAudienceRow,
    EntityTextRow,
    EntityValueRow,
    EventAudienceRow,
    EventFacetRow,
    EventTextRow,
    FacetMoveRow,
    MovedEventRow,
    PastAudienceRow,
    PastTextRow,
    UndoneEventRow,
)
from tests.serving import NOON

FAR: Final = 10**6
LONG_AGO: Final = NOON - timedelta(days=1)


@dataclass
class Scene:
    """A world that is about to be tampered with, in a transaction that will not be kept; `at` picks rows."""

    unit: WriteUnit
    world: str
    at: int

    def one_of(self, *values: dict[str, Any]) -> dict[str, Any]:
        """Return one of several changes."""
        return values[self.at // 7 % len(values)]

    async def rows(self, model: Any, *conditions: Any) -> list[Row[Any]]:
        """Return rows of the world, in the order of their key."""
        table: Table = model.__table__
        query = select(table).where(table.c.world == self.world, *conditions)
        return list((await self.unit.session.execute(query.order_by(*table.primary_key))).all())

    async def pick(self, model: Any, *conditions: Any) -> Row[Any]:
        """Return one row."""
        found = await self.rows(model, *conditions)
        return found[self.at % len(found)]

    async def change(self, model: Any, row: Row[Any], **values: Any) -> None:
        """Write other values into a row."""
        await self.unit.session.execute(update(model.__table__).where(*_is(model, row)).values(**values))

    async def drop(self, model: Any, row: Row[Any]) -> None:
        """Delete a row."""
        await self.unit.session.execute(delete(model.__table__).where(*_is(model, row)))

    async def add(self, model: Any, row: Row[Any], **values: Any) -> None:
        """Insert a row like another one."""
        await self.unit.session.execute(insert(model.__table__).values(**{**row._mapping, **values}))

    async def put(self, model: Any, **values: Any) -> None:
        """Insert a row that is like no other."""
        await self.unit.session.execute(insert(model.__table__).values(world=self.world, **values))

    async def rechain(self, first: int) -> None:
        """Compute the digests anew from a position on, as somebody would who knows how."""
        digest = GENESIS
        for row in await self.rows(EventRow):
            if row.position >= first:
                digest = link(digest, row.body)
                await self.change(EventRow, row, digest=digest)
            digest = row.digest if row.position < first else digest


# Returns what the error's message must have in it.
Tampering = Callable[[Scene], Awaitable[str]]


def _is(model: Any, row: Row[Any]) -> list[Any]:
    return [column == row._mapping[column.name] for column in model.__table__.primary_key]


async def body_byte(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    place = scene.at % len(row.body)
    await scene.change(EventRow, row, body=row.body[:place] + bytes([row.body[place] ^ 1]) + row.body[place + 1 :])
    return f"event {row.position} "


async def body_and_chain(scene: Scene) -> str:
    row = await scene.pick(EventRow, EventRow.body.is_not(None))
    await scene.change(EventRow, row, body=row.body.replace(b'"kind":"person"', b'"kind":"world"'))
    await scene.rechain(row.position)
    return "event"


async def digest(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    await scene.change(EventRow, row, digest=bytes(32))
    return f"event {row.position} "


async def event_column(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    other = scene.one_of({"type": "other"}, {"id": fresh_id(NOON)}, {"recorded_at": LONG_AGO})
    await scene.change(EventRow, row, **other)
    return f"event {row.position} has another {next(iter(other))}"


async def _private(scene: Scene, part: int, value: Any) -> str:
    row = await scene.pick(EventRow, EventRow.private != {})
    key = sorted(row.private)[scene.at % len(row.private)]
    held = list(row.private[key])
    held[part] = value
    await scene.change(EventRow, row, private={**row.private, key: held})
    return f"event {row.position} has a private value"


async def private_value(scene: Scene) -> str:
    return await _private(scene, 1, "something else")


async def private_salt(scene: Scene) -> str:
    return await _private(scene, 0, "00" * 16)


async def private_malformed(scene: Scene) -> str:
    return await _private(scene, 0, ["no", "salt"][scene.at % 2])


async def event_gone(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    await scene.drop(EventRow, row)
    return "event"


async def event_gone_and_chain(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    await scene.drop(EventRow, row)
    await scene.rechain(row.position)
    return "event"


async def tail_gone(scene: Scene) -> str:
    last = (await scene.rows(EventRow))[-1]
    await scene.drop(EventRow, last)
    return f"the log ends at event {last.position - 1}"


async def events_swapped(scene: Scene) -> str:
    rows = await scene.rows(EventRow)
    first = scene.at % (len(rows) - 1)
    one, other = rows[first], rows[first + 1]
    await scene.change(EventRow, one, position=FAR)
    await scene.change(EventRow, other, position=one.position)
    await scene.unit.session.execute(
        update(EventRow).where(EventRow.world == scene.world, EventRow.position == FAR).values(position=other.position)
    )
    return f"event {one.position} "


async def event_added(scene: Scene) -> str:
    last = (await scene.rows(EventRow))[-1]
    added = last.position + 1
    await scene.add(EventRow, last, position=added, id=fresh_id(NOON), digest=link(last.digest, last.body))
    return f"event {added} "


async def head(scene: Scene) -> str:
    (row,) = await scene.rows(HeadRow)
    await scene.change(HeadRow, row, **scene.one_of({"position": row.position + 1}, {"digest": bytes(32)}))
    return "head"


async def head_moment(scene: Scene) -> str:
    (row,) = await scene.rows(HeadRow)
    await scene.change(HeadRow, row, recorded_at=LONG_AGO)
    return "head"


async def entity(scene: Scene) -> str:
    row = await scene.pick(EntityRow)
    life = "deleted" if row.life == "live" else "live"
    noted = {"audience": {"owners": {"faction": "x"}}}
    other = scene.one_of({"owner": "x"}, {"life": life}, {"since": FAR}, noted)
    await scene.change(EntityRow, row, **other)
    return str(row.id)


async def entity_gone(scene: Scene) -> str:
    row = await scene.pick(EntityRow)
    await scene.drop(EntityRow, row)
    return str(row.id)


async def facet(scene: Scene) -> str:
    row = await scene.pick(FacetRow)
    other = scene.one_of(
        {"fields": {**row.fields, "name": "other"}}, {"keys": ["everyone", "members"]}, {"kind": "other"},
        {"since": FAR}, {"changed_at": LONG_AGO},
    )  # fmt: skip
    await scene.change(FacetRow, row, **other)
    return str(row.entity)


async def facet_gone(scene: Scene) -> str:
    row = await scene.pick(FacetRow)
    await scene.drop(FacetRow, row)
    return str(row.entity)


async def facet_added(scene: Scene) -> str:
    row = await scene.pick(FacetRow)
    await scene.add(FacetRow, row, facet=99, fields={})
    return str(row.entity)


async def _index(scene: Scene, model: Any, owner: str, **other: Any) -> str:
    row = await scene.pick(model)
    if scene.at % 3 == 0:
        await scene.drop(model, row)
    elif scene.at % 3 == 1:
        await scene.add(model, row, **other)
    else:
        await scene.change(model, row, **other)
    return str(row._mapping[owner])


async def audience(scene: Scene) -> str:
    return await _index(scene, EntityAudienceRow, "entity", **scene.one_of({"key": b"rother"}, {"kind": "other"}))


async def ref(scene: Scene) -> str:
    return await _index(scene, RefRow, "source", target=fresh_id(NOON))


async def unique(scene: Scene) -> str:
    row = await scene.pick(UniqueRow)
    await _index(scene, UniqueRow, "entity", value="other")
    return f"unique value is not what the log makes of it: {row.kind} {row.field}"


async def indexed_value(scene: Scene) -> str:
    return await _index(scene, EntityValueRow, "entity", **scene.one_of({"key": b"rother"}, {"value": b"other"}))


async def event_facet(scene: Scene) -> str:
    row = await scene.pick(EventFacetRow)
    if scene.at % 4 == 0:
        await scene.drop(EventFacetRow, row)
    elif scene.at % 4 == 1:
        await scene.add(EventFacetRow, row, facet=99)
    elif scene.at % 4 == 2:
        await scene.change(EventFacetRow, row, keys=["everyone", "role:other"])
    else:
        await scene.change(EventFacetRow, row, content={**row.content, "at": "never"})
    return f"event {row.position} "


async def event_audience(scene: Scene) -> str:
    row = await scene.pick(EventAudienceRow)
    await _index(scene, EventAudienceRow, "position", key=b"rother")
    return f"event {row.position} "


async def _text(scene: Scene, model: Any, owner: str) -> str:
    row = await scene.pick(model)
    if scene.at % 3 == 0:
        await scene.drop(model, row)
    elif scene.at % 3 == 1:
        await scene.add(model, row, number=FAR, facet=99)
    else:
        await scene.change(
            model, row, **scene.one_of({"words": " other"}, {"words": f"{row.words} more"}, {"facet": 99})
        )
    return str(row._mapping[owner])


async def entity_text(scene: Scene) -> str:
    return f"{await _text(scene, EntityTextRow, 'entity')} is found"


async def event_text(scene: Scene) -> str:
    return f"event {await _text(scene, EventTextRow, 'position')} is found"


async def past_entity(scene: Scene) -> str:
    return await _index(scene, PastEntityRow, "id", since=FAR)


async def past_facet(scene: Scene) -> str:
    row = await scene.pick(PastFacetRow)
    if scene.at % 2:
        return await _index(scene, PastFacetRow, "entity", since=FAR)
    other = scene.one_of({"keys": ["everyone"] * 2}, {"fields": {"name": "other"}}, {"until": FAR})
    await scene.change(PastFacetRow, row, **other)
    return str(row.entity)


async def past_text(scene: Scene) -> str:
    row = await scene.pick(PastTextRow)
    if scene.at % 2:
        await scene.drop(PastTextRow, row)
    else:
        await scene.change(PastTextRow, row, **scene.one_of({"words": " other"}, {"until": FAR}, {"facet": 99}))
    return str(row.entity)


async def past_audience(scene: Scene) -> str:
    return await _index(scene, PastAudienceRow, "entity", **scene.one_of({"key": b"rother"}, {"facet": 99}))


async def past_ref(scene: Scene) -> str:
    return await _index(scene, PastRefRow, "source", path="ship.other")


async def past_unique(scene: Scene) -> str:
    return await _index(scene, PastUniqueRow, "entity", value="other")


async def facet_move(scene: Scene) -> str:
    row = await scene.pick(EntityRow)
    await scene.put(FacetMoveRow, position=row.since, entity=row.id, facet=98)
    return "when somebody else began to see an entity"


async def moved_event(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    await scene.put(MovedEventRow, position=row.position, keys=["everyone"])
    return f"event {row.position} "


async def undone_event(scene: Scene) -> str:
    row = await scene.pick(EventRow)
    await scene.put(UndoneEventRow, event=row.id, by=fresh_id(NOON), whole=False)
    return f"event {row.id} "


async def cut_off(scene: Scene) -> int:
    """Cut a log in such a way that it is whole again; returns the position of the first event that is gone."""
    rows = await scene.rows(EventRow)
    last = rows[scene.at % (len(rows) - 1)]
    for row in rows[last.position :]:
        await scene.drop(EventRow, row)
    await _end(scene, last)
    return int(last.position) + 1


async def replaced(scene: Scene) -> int:
    """Alter what an event says, and all after it so that the log is whole again; returns the position."""
    row = await scene.pick(EventRow)
    marked = row.body.replace(b'"v":1}', b'"v":1,"x":1}')
    assert marked != row.body
    await scene.change(EventRow, row, body=marked)
    await scene.rechain(row.position)
    await _end(scene, (await scene.rows(EventRow))[-1])
    return int(row.position)


async def _end(scene: Scene, last: Row[Any]) -> None:
    (held,) = await scene.rows(HeadRow)
    ended = {"position": last.position, "digest": last.digest, "recorded_at": last.recorded_at}
    await scene.change(HeadRow, held, **ended)


# Ways that no look at the log alone can find.
FOR_GOOD: Final = (cut_off, replaced)

WAYS: Final[dict[str, Tampering]] = {
    way.__name__: way
    for way in (
        body_byte, body_and_chain, digest, event_column, private_value, private_salt, private_malformed, event_gone,
        event_gone_and_chain, tail_gone, events_swapped, event_added, head, head_moment, entity, entity_gone,
        facet, facet_gone, facet_added, audience, ref, unique, indexed_value, event_facet, event_audience,
        entity_text, event_text, past_entity, past_facet, past_text, past_audience, past_ref,
        past_unique, facet_move, moved_event, undone_event,
    )
}  # fmt: skip
# Those that a look at the log alone must find.
OF_THE_LOG: Final = frozenset(
    way.__name__
    for way in (
        body_byte, body_and_chain, digest, event_column, private_value, private_salt, private_malformed, event_gone,
        event_gone_and_chain, tail_gone, events_swapped, event_added, head,
    )
)  # fmt: skip
