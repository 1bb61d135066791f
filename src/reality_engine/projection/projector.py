"""Writes what events changed into the tables of state and of viewers, in the transaction that appends them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog.event import Event
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.differences import Differences, differences
from reality_engine.projection.event_views import move_heads, show
from reality_engine.projection.indexed_values import value_rows
from reality_engine.projection.text_rows import keep_entity_texts
from reality_engine.projection.writing import Rows, delete_rows, write_rows
from reality_engine.state.entity import AUDIENCE, Entity
from reality_engine.state.fold import fold
from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow, RefRow, UniqueRow
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow, EntityValueRow

_PAST_ENTITY = ("world", "id", "since", "kind", "owner", "life", "revision", "audience")
_PAST_FACET = ("world", "entity", "facet", "since", "kind", "fields", "keys", "changed_at")


async def project(
    unit: WriteUnit, world: str, pack: CompiledPack, events: Sequence[Event], before: Mapping[str, Entity | None]
) -> dict[str, Entity]:
    """Bring all tables up to date with events that were just appended, and return the entities they touched.

    `before` holds every entity that the events change, as it was before the first of them, None for new ones. States
    between two of the events are kept too, so that any position can be looked back at.
    """
    await show(unit, world, events)
    state = {key: entity for key, entity in before.items() if entity is not None}
    touched: dict[str, Entity] = {}
    for event in events:
        after = fold(state, (recorded.change for recorded in event.changes))
        await _one_event(unit, world, pack, event, state, after)
        state.update(after)
        touched.update(after)
    await keep_entity_texts(unit, world, pack, before, touched)
    await move_heads(unit, world, [one for event in events for one in event.moved])
    return touched


async def _one_event(
    unit: WriteUnit, world: str, pack: CompiledPack, event: Event, before: Mapping[str, Entity],
    after: Mapping[str, Entity],
) -> None:  # fmt: skip
    found = {key: differences(pack.kinds[entity.kind], before.get(key), entity) for key, entity in after.items()}
    await _keep_past(unit, world, event, before, found)
    await _entities(unit, world, event, after)
    await _facets(unit, world, event, after, found)
    await _indexes(unit, world, after, found)


async def _keep_past(
    unit: WriteUnit, world: str, event: Event, before: Mapping[str, Entity], found: Mapping[str, Differences]
) -> None:
    entities = [{"w": world, "e": key, "p": event.position} for key in found if key in before]
    facets = [
        {"w": world, "e": key, "f": number, "p": event.position}
        for key, told in found.items()
        for number in told.closed
    ]
    source = select(*(getattr(EntityRow, name) for name in _PAST_ENTITY), bindparam("p").label("until")).where(
        EntityRow.world == bindparam("w"), EntityRow.id == bindparam("e")
    )
    await write_rows(unit, insert(PastEntityRow).from_select([*_PAST_ENTITY, "until"], source), entities)
    source = select(*(getattr(FacetRow, name) for name in _PAST_FACET), bindparam("p").label("until")).where(
        FacetRow.world == bindparam("w"), FacetRow.entity == bindparam("e"), FacetRow.facet == bindparam("f")
    )
    await write_rows(unit, insert(PastFacetRow).from_select([*_PAST_FACET, "until"], source), facets)


async def _entities(unit: WriteUnit, world: str, event: Event, after: Mapping[str, Entity]) -> None:
    rows = [
        {"world": world, "id": key, "kind": entity.kind, "owner": entity.owner, "life": str(entity.life),
         "revision": entity.revision, "audience": entity.get(AUDIENCE), "since": event.position}
        for key, entity in after.items()
    ]  # fmt: skip
    statement = unit.dialect.upsert(EntityRow, ("world", "id"), ("owner", "life", "revision", "audience", "since"))
    await write_rows(unit, statement, rows)


async def _facets(
    unit: WriteUnit, world: str, event: Event, after: Mapping[str, Entity], found: Mapping[str, Differences]
) -> None:
    changed: Rows = []
    rekeyed: Rows = []
    for key, told in found.items():
        for number, facet in told.changed:
            row = {"world": world, "entity": key, "facet": number, "kind": after[key].kind, "fields": facet.fields,
                   "keys": list(facet.keys), "since": event.position, "changed_at": event.recorded_at}  # fmt: skip
            (rekeyed if number in told.rekeyed else changed).append(row)
    place = ("world", "entity", "facet")
    await write_rows(unit, unit.dialect.upsert(FacetRow, place, ("fields", "keys", "since", "changed_at")), changed)
    await write_rows(unit, unit.dialect.upsert(FacetRow, place, ("keys", "since")), rekeyed)
    gone = [
        {"w": world, "e": key, "f": number}
        for key, told in found.items()
        for number in set(told.closed) - {changed for changed, _ in told.changed}
    ]
    table = FacetRow.__table__
    matches = (table.c.world == bindparam("w")) & (table.c.entity == bindparam("e"))
    await write_rows(unit, delete(FacetRow).where(matches & (table.c.facet == bindparam("f"))), gone)


async def _indexes(unit: WriteUnit, world: str, after: Mapping[str, Entity], found: Mapping[str, Differences]) -> None:
    gained: dict[Any, Rows] = defaultdict(list)
    lost: dict[Any, Rows] = defaultdict(list)
    for key, told in found.items():
        place = {"world": world, "kind": after[key].kind, "entity": key}
        for keys, rows in ((told.gained_keys, gained), (told.lost_keys, lost)):
            rows[EntityAudienceRow].extend({**place, "key": pack_key(one), "facet": facet} for facet, one in keys)
        for refs, rows in ((told.gained_refs, gained), (told.lost_refs, lost)):
            rows[RefRow].extend({"world": world, "target": to, "path": path, "source": key} for path, to in refs)
        for uniques, rows in ((told.gained_uniques, gained), (told.lost_uniques, lost)):
            rows[UniqueRow].extend({**place, "field": name, "value": value} for name, value in uniques)
        for values, rows in ((told.gained_values, gained), (told.lost_values, lost)):
            rows[EntityValueRow].extend(value_rows(place, values))
    for table, leaving in lost.items():
        await delete_rows(unit, table, leaving)
    for table, coming in gained.items():
        await write_rows(unit, insert(table), coming)
