"""A batch written by itself leaves what it leaves when applied in a unit of work; and what may go wrong, on either."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, SmallInteger, make_url, select, text
from sqlalchemy.orm import DeclarativeBase

from reality_engine.actions.models import AnswerRow
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch, Narrowing
from reality_engine.db.dialects.writing_sqlite import SqliteWriter
from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.shape import Row, Shape, shape_of
from reality_engine.db.types import Id, Moment
from reality_engine.db.unit import Units
from reality_engine.directory.models import WorldRow
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.kernel.errors import IntegrityError, UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.outbox.models import OutboxRow
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
    MovedEventRow,
    PastAudienceRow,
    PastTextRow,
)
from tests.serving import NOON
from tests.tables import Dump, dump

HEADS = shape_of(HeadRow, ("position", "epoch"))
WORLDS = shape_of(WorldRow)
OUTBOX = shape_of(OutboxRow)
TEXTS = shape_of(EntityTextRow)
PAST = shape_of(PastFacetRow)
W = "018f0000-0000-7000-8000-0000000000ff"
MODELS: tuple[type[DeclarativeBase], ...] = (
    AnswerRow, EntityAudienceRow, EntityRow, EntityTextRow, EntityValueRow, EventAudienceRow, EventFacetRow, EventRow,
    EventTextRow, FacetRow, MovedEventRow, OutboxRow, PastAudienceRow, PastEntityRow, PastFacetRow, PastRefRow,
    PastTextRow, PastUniqueRow, RefRow, UniqueRow, WorldRow,
)  # fmt: skip
SHAPES = [shape_of(model) for model in MODELS]
# More than one statement takes, and not a number of rows that any takes alone.
MANY = 87


def value(column: Column[Any], number: int) -> Any:
    """Return a value of a column, another one for each number."""
    kind = column.type
    if isinstance(kind, Id):
        return f"018f0000-0000-7000-8000-{number:012x}"
    if isinstance(kind, Moment):
        return None if column.nullable and number % 2 else NOON + timedelta(microseconds=number)
    if isinstance(kind, JSON):
        plain = {"n": number, "of": [1, 2.5, None, True, "ü '\"\\ $1 ?"], "none": {}}
        return None if column.nullable and number % 2 else plain
    if isinstance(kind, LargeBinary):
        return number.to_bytes(4) + b"\x00\xff"
    if isinstance(kind, BigInteger | Integer | SmallInteger):
        return number
    return None if column.nullable and number % 3 == 0 else f" gull{number} ünder"


def row(shape: Shape, number: int, salt: int = 0) -> Row:
    """Return a row; the same number gives the same key, another salt another rest."""
    return tuple(value(column, number if column.name in shape.key else number + salt) for column in shape.columns)


def head(world: str, position: int, epoch: int = 0) -> Row:
    return (world, position, bytes([position]) * 32, epoch, "pack", NOON + timedelta(seconds=position), position)


def guarded(world: str, before: int, after: int, epoch: int = 0) -> Batch:
    """Return a batch that moves a head and says so in the outbox."""
    batch = Batch()
    batch.guard(HEADS, head(world, before, epoch), head(world, after, epoch))
    batch.insert(OUTBOX, (fresh_id(NOON), world, before, after, NOON, None))
    return batch


def stories() -> Iterable[Batch]:
    """Yield batches that do to every table all that can be done, in different numbers."""
    first, second, third = Batch(), Batch(), Batch()
    for shape in SHAPES:
        for number in range(MANY):
            first.insert(shape, row(shape, number))
        for number in range(20):
            second.put(shape, row(shape, number, 1000))
        for number in range(20, 25):
            second.drop(shape, shape.key_of(row(shape, number)))
        second.put(shape, row(shape, MANY))
        second.insert(shape, row(shape, MANY + 1))
        third.drop(shape, shape.key_of(row(shape, 30)))
        third.drop(shape, shape.key_of(row(shape, 9999)))
    yield first
    yield second
    third.update(WORLDS, row(WORLDS, 40)[:1], {"deleted_at": NOON})
    third.update(WORLDS, row(WORLDS, 41)[:1], {"deleted_at": None, "pack": "other"})
    third.update(WORLDS, row(WORLDS, 42)[:1], {"deleted_at": NOON})
    facets = shape_of(FacetRow)
    third.update(facets, row(facets, 40)[:3], {"fields": {"changed": True}})
    yield third


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    yield engines
    await engines.close()


@pytest.fixture
def units(engines: Engines) -> Units:
    return Units(engines)


async def apply_alone(units: Units, batch: Batch) -> None:
    async with units.write() as unit:
        await apply(unit, batch)
        await unit.commit()


async def found(units: Units) -> Dump:
    """Return what is in the tables, but for the numbers that the database gave."""
    tables = await dump(units)
    numbered = {"entity_texts", "event_texts", "past_entity_texts"}
    return {name: sorted((one[1:] for one in rows), key=repr) if name in numbered else rows
            for name, rows in tables.items()}  # fmt: skip


async def begin(units: Units, *worlds: str) -> None:
    """Insert heads at position 1."""
    batch = Batch()
    for world in worlds:
        batch.insert(HEADS, head(world, 1))
    await units.write_batch(batch)


def size_of(path: str) -> int:
    return Path(path).stat().st_size


async def heads(units: Units) -> dict[str, int]:
    async with units.read() as unit:
        rows = await unit.session.execute(select(HeadRow.world, HeadRow.position))
        return {row.world: row.position for row in rows}


async def told(units: Units) -> int:
    async with units.read() as unit:
        return len((await unit.session.execute(select(OutboxRow.id))).all())


async def test_what_is_written_by_itself_is_what_is_applied(units: Units, others: Units) -> None:
    for batch in stories():
        await units.write_batch(batch)
    for batch in stories():
        await apply_alone(others, batch)
    written, applied = await found(units), await found(others)
    assert written == applied
    assert all(len(written[shape.name]) == MANY - 4 for shape in SHAPES if shape.rest)


async def test_batches_merged_leave_what_they_leave_one_by_one(units: Units, others: Units) -> None:
    first, *rest = stories()
    for batch in rest:
        first.merge(batch)
    await units.write_batch(first)
    for batch in stories():
        await others.write_batch(batch)
    assert await found(units) == await found(others)


def facet_row(entity: str, facet: int, since: int, fields: dict[str, Any], keys: Iterable[str]) -> Row:
    return (W, entity, facet, since, since + 1, "ship", fields, tuple(keys), NOON)


def narrowings() -> Iterable[Batch]:
    """Yield batches that write past facets and take keys from some of them, also of earlier ones."""
    one, other = value(shape_of(RefRow).columns[0], 1), value(shape_of(RefRow).columns[0], 2)
    first, second, third = Batch(), Batch(), Batch()
    for entity in (one, other):
        first.insert(PAST, facet_row(entity, 0, 1, {"name": "Gull"}, ["everyone"]))
        first.insert(PAST, facet_row(entity, 1, 1, {"map": "x"}, ["everyone", "role:gm", "user:a"]))
        first.insert(PAST, facet_row(entity, 2, 2, {"map": "x", "log": 1}, ["user:b", "user:a", "role:gm"]))
    second.insert(PAST, facet_row(one, 1, 3, {"map": "y"}, ["role:gm", "user:a"]))
    second.narrow(PAST, Narrowing((W, one), "fields", "map", "keys"), frozenset({"user:a"}))
    second.narrow(PAST, Narrowing((W, other), "fields", "log", "keys"), None)
    second.insert(PAST, facet_row(one, 1, 5, {"map": "z"}, ["role:gm", "user:a"]))
    third.narrow(PAST, Narrowing((W, one), "fields", "map", "keys"), frozenset({"everyone", "user:none"}))
    third.narrow(PAST, Narrowing((W, other), "fields", "nothing", "keys"), None)
    yield from (first, second, third)


KEPT = {
    ("1", 0, 1): ["everyone"], ("1", 1, 1): ["role:gm"], ("1", 2, 2): ["user:b", "role:gm"], ("1", 1, 3): ["role:gm"],
    ("1", 1, 5): ["role:gm", "user:a"], ("2", 0, 1): ["everyone"], ("2", 1, 1): ["everyone", "role:gm", "user:a"],
    ("2", 2, 2): [],
}  # fmt: skip


@pytest.mark.parametrize("merged", [0, 1, 2])
@pytest.mark.parametrize("own", [True, False], ids=["by itself", "applied"])
async def test_keys_are_taken_from_rows_that_are_there_and_from_those_of_the_batch(
    units: Units, merged: int, *, own: bool
) -> None:
    first, *rest = narrowings()
    batches = [first, *rest]
    for _ in range(merged):
        batches[-2].merge(batches.pop())
    for batch in batches:
        await (units.write_batch(batch) if own else apply_alone(units, batch))
    async with units.read() as unit:
        row = PastFacetRow
        rows = await unit.session.execute(select(row.entity, row.facet, row.since, row.keys))
        assert {(entity[-1], facet, since): keys for entity, facet, since, keys in rows} == KEPT


async def words(units: Units, world: str, word: str) -> set[str]:
    async with units.read() as unit:
        held = unit.dialect.has_word(EntityTextRow, world, word)
        return set(await unit.session.scalars(select(EntityTextRow.entity).where(EntityTextRow.world == world, held)))


async def test_what_is_written_is_found_by_its_words(units: Units) -> None:
    world, one, other = (fresh_id(NOON) for _ in range(3))
    first, second = Batch(), Batch()
    first.insert(TEXTS, (world, one, 0, "ship", " gull"))
    first.insert(TEXTS, (world, other, 0, "ship", " gull tern"))
    await units.write_batch(first)
    assert await words(units, world, "gul") == {one, other}
    second.put(TEXTS, (world, one, 0, "ship", " heron"))
    second.drop(TEXTS, (world, other, 0))
    await units.write_batch(second)
    assert [await words(units, world, word) for word in ("gull", "heron", "tern")] == [set(), {one}, set()]


@pytest.mark.parametrize("own", [True, False], ids=["by itself", "applied"])
@pytest.mark.parametrize("wrong", [{"before": 2}, {"before": 1, "epoch": 1}], ids=["position", "epoch"])
async def test_where_the_head_has_moved_nothing_is_written(units: Units, own: bool, wrong: dict[str, int]) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    before = await dump(units)
    with pytest.raises(HeadMovedError):
        await (units.write_batch if own else lambda batch: apply_alone(units, batch))(guarded(world, after=3, **wrong))
    assert await dump(units) == before
    await units.write_batch(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}


async def test_a_batch_of_several_worlds_is_written_whole_or_not_at_all(units: Units) -> None:
    one, other, third = (fresh_id(NOON) for _ in range(3))
    await begin(units, one, other, third)
    batch = guarded(one, 1, 2)
    batch.merge(guarded(other, 1, 5))
    await units.write_batch(batch)
    assert await heads(units) == {one: 2, other: 5, third: 1}
    stale = guarded(third, 1, 2)
    stale.merge(guarded(one, 1, 2))
    with pytest.raises(HeadMovedError):
        await units.write_batch(stale)
    assert await heads(units) == {one: 2, other: 5, third: 1}
    assert await told(units) == 2


async def test_a_head_that_is_not_there_has_moved(units: Units) -> None:
    with pytest.raises(HeadMovedError):
        await units.write_batch(guarded(fresh_id(NOON), 1, 2))


async def test_of_writers_that_go_on_from_the_same_head_one_wins(units: Units, database_url: str) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    others = [open_engines(database_url) for _ in range(3)]
    racing = [units, *(Units(one) for one in others)]
    for position in range(1, 6):
        batches = [guarded(world, position, position + 1) for _ in racing]
        came = await asyncio.gather(
            *(one.write_batch(batch) for one, batch in zip(racing, batches, strict=True)), return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in came) == ["HeadMovedError"] * 3 + ["NoneType"]
    assert await told(units) == 5
    for one in others:
        await one.close()


async def test_a_writer_waits_for_a_unit_that_holds_the_head_and_sees_that_it_moved(units: Units) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    async with units.write() as unit:
        await apply(unit, guarded(world, 1, 2))
        late = asyncio.create_task(units.write_batch(guarded(world, 1, 3)))
        await asyncio.sleep(0.05)
        assert not late.done()
        await unit.commit()
    with pytest.raises(HeadMovedError):
        await late
    assert await heads(units) == {world: 2}


async def test_whoever_holds_the_head_writes_before_all_others_and_reads_what_was_there(
    units: Units, database_url: str
) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    engines = open_engines(database_url)
    async with units.alone(HEADS, [(world,)]) as write:
        late = asyncio.create_task(Units(engines).write_batch(guarded(world, 1, 3)))
        await asyncio.sleep(0.05)
        assert not late.done()
        assert await heads(units) == {world: 1}
        await write(guarded(world, 1, 2))
    with pytest.raises(HeadMovedError):
        await late
    assert await heads(units) == {world: 2}
    await engines.close()


async def test_a_head_that_was_held_in_vain_is_left_as_it_was(units: Units) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    with pytest.raises(ZeroDivisionError):
        async with units.alone(HEADS, [(world,)]):
            raise ZeroDivisionError
    with pytest.raises(HeadMovedError):
        async with units.alone(HEADS, [(world,)]) as write:
            await write(guarded(world, 7, 8))
    await units.write_batch(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}


async def test_a_row_that_is_there_is_not_inserted_again_and_nothing_else_is_written(units: Units) -> None:
    world, uniques = fresh_id(NOON), shape_of(UniqueRow)
    await begin(units, world)
    taken = (world, "ship", "name", "Gull", fresh_id(NOON))
    batch = Batch()
    batch.insert(uniques, taken)
    await units.write_batch(batch)
    before = await dump(units)
    batch = guarded(world, 1, 2)
    batch.insert(uniques, (*taken[:4], fresh_id(NOON)))
    with pytest.raises(IntegrityError) as refused:
        await units.write_batch(batch)
    assert "Gull" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert await dump(units) == before
    await units.write_batch(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}


async def test_a_batch_without_a_guard_or_without_anything_is_written(units: Units) -> None:
    await units.write_batch(Batch())
    batch = Batch()
    batch.insert(OUTBOX, (fresh_id(NOON), fresh_id(NOON), 1, 1, NOON, None))
    await units.write_batch(batch)
    assert await told(units) == 1


# Of this database alone: others are being tested on the same server.
ENDED = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = :name AND datname = current_database()"
)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_connection_that_was_ended_is_opened_again(units: Units) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    async with units.write() as unit:
        ended = text(ENDED)
        assert len((await unit.session.execute(ended, {"name": "reality-engine-writer"})).all()) == 1
    with suppress(OutcomeUnknownError):  # where the end has not come through yet
        await units.write_batch(guarded(world, 1, 2))
    if await heads(units) == {world: 1}:
        await units.write_batch(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_connection_that_is_lost_while_it_writes_leaves_the_outcome_open(units: Units) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    async with units.write() as unit:
        await apply(unit, guarded(world, 1, 2))
        late = asyncio.create_task(units.write_batch(guarded(world, 1, 3)))
        await asyncio.sleep(0.1)
        ended = text(ENDED)
        await unit.session.execute(ended, {"name": "reality-engine-writer"})
        with pytest.raises(OutcomeUnknownError):
            await late
    await units.write_batch(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_file_that_another_process_holds_for_too_long_is_unavailable(units: Units, database_url: str) -> None:
    world = fresh_id(NOON)
    await begin(units, world)
    writer = SqliteWriter(str(make_url(database_url).database), {"busy_timeout": "20"})
    async with units.write():
        with pytest.raises(UnavailableError):
            await writer.write(guarded(world, 1, 2))
    await writer.write(guarded(world, 1, 2))
    assert await heads(units) == {world: 2}
    await writer.close()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_log_of_the_file_is_begun_anew_while_others_read_and_write(units: Units, database_url: str) -> None:
    world, path = fresh_id(NOON), str(make_url(database_url).database)
    await begin(units, world)
    sizes = []
    for rows in (1_000_000, 10):
        writer = SqliteWriter(path, {"journal_mode": "WAL", "synchronous": "OFF"}, checkpoint_rows=rows)
        first = (await heads(units))[world]
        for position in range(first, first + 100):
            await writer.write(guarded(world, position, position + 1))
            assert (await heads(units))[world] == position + 1
        sizes.append(size_of(f"{path}-wal"))
        await writer.close()
    # Without a checkpoint the same again would be added.
    assert sizes[1] < sizes[0] * 1.5


@pytest.mark.parametrize("scheme", ["sqlite", "postgresql"])
async def test_a_database_that_is_not_there_is_unavailable(scheme: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    engines = open_engines(f"sqlite:///{folder}/no.db" if scheme == "sqlite" else "postgresql://u:p@127.0.0.1:1/none")
    folder.rmdir()
    with pytest.raises(UnavailableError):
        await Units(engines).write_batch(guarded(fresh_id(NOON), 1, 2))
    await engines.close()
