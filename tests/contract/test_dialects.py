from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from reality_engine.db.base import NAMING
from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.types import Digest, Id, Json, Moment
from reality_engine.db.unit import Units
from reality_engine.kernel.ids import fresh_id

NOW = datetime(2026, 5, 1, 18, 0, 0, 123456, tzinfo=UTC)
ONE, OTHER, THIRD = (fresh_id(NOW) for _ in range(3))


class TestBase(DeclarativeBase):
    """A metadata of its own: these tables are no part of the product."""

    __test__ = False
    metadata = MetaData(naming_convention=NAMING)


class BoxRow(TestBase):
    __tablename__ = "boxes"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    data: Mapped[Any | None] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)
    digest: Mapped[bytes | None] = mapped_column(Digest)


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    async with engines.writer.begin() as connection:
        await connection.run_sync(TestBase.metadata.create_all)
    yield engines
    async with engines.writer.begin() as connection:
        await connection.run_sync(TestBase.metadata.drop_all)
    await engines.close()


@pytest.fixture
async def units(engines: Engines) -> Units:
    units = Units(engines)
    async with units.write() as unit:
        unit.session.add(BoxRow(id=ONE, name="one", data={"k": "v", "n": 1.5, "none": None}, at=NOW, digest=b"\0" * 32))
        unit.session.add(BoxRow(id=OTHER, name="other", data=None, at=NOW))
        await unit.commit()
    return units


async def test_values_come_back_as_they_were(units: Units) -> None:
    async with units.read() as unit:
        row = (await unit.session.scalars(select(BoxRow).where(BoxRow.id == ONE))).one()
    assert (row.id, row.at, row.digest) == (ONE, NOW, b"\0" * 32)
    assert row.data == {"k": "v", "n": 1.5, "none": None}


async def test_no_json_is_null(units: Units) -> None:
    async with units.read() as unit:
        assert list(await unit.session.scalars(select(BoxRow.name).where(BoxRow.data.is_(None)))) == ["other"]


async def test_moments_compare_in_the_database(units: Units) -> None:
    async with units.read() as unit:
        assert len((await unit.session.scalars(select(BoxRow).where(BoxRow.at >= NOW))).all()) == 2
        assert len((await unit.session.scalars(select(BoxRow).where(BoxRow.at < NOW))).all()) == 0


@pytest.mark.parametrize("clash", [{"id": ONE, "name": "new"}, {"id": THIRD, "name": "one"}])
async def test_insert_or_ignore_leaves_what_is_there(units: Units, clash: dict[str, str]) -> None:
    async with units.write() as unit:
        statement = unit.dialect.insert_or_ignore(BoxRow).returning(BoxRow.id)
        assert await unit.session.scalar(statement.values(at=NOW, **clash)) is None
        assert await unit.session.scalar(statement.values(at=NOW, id=THIRD, name="third")) == THIRD


async def test_upsert_overwrites_the_named_columns_alone(units: Units) -> None:
    async with units.write() as unit:
        statement = unit.dialect.upsert(BoxRow, ["id"], ["name"])
        await unit.session.execute(statement.values(id=ONE, name="new", data={}, at=NOW))
        await unit.session.execute(statement.values(id=THIRD, name="third", data={}, at=NOW))
        await unit.commit()
    async with units.read() as unit:
        rows = (await unit.session.execute(select(BoxRow.name, BoxRow.data).order_by(BoxRow.id))).all()
    assert sorted((row.name, bool(row.data)) for row in rows) == [("new", True), ("other", False), ("third", False)]


@pytest.mark.parametrize(("wanted", "found"), [([ONE, THIRD], ["one"]), ([], []), ([ONE, OTHER], ["one", "other"])])
async def test_among_finds_ids(units: Units, wanted: list[str], found: list[str]) -> None:
    async with units.read() as unit:
        query = select(BoxRow.name).where(unit.dialect.among(BoxRow.id, wanted)).order_by(BoxRow.name)
        assert list(await unit.session.scalars(query)) == found


async def test_among_finds_text(units: Units) -> None:
    async with units.read() as unit:
        query = select(BoxRow.name).where(unit.dialect.among(BoxRow.name, ["one", "o'ther", '"']))
        assert list(await unit.session.scalars(query)) == ["one"]


async def test_json_text_reads_a_key(units: Units) -> None:
    async with units.read() as unit:
        query = select(unit.dialect.json_text(BoxRow.data, "k")).order_by(BoxRow.name)
        assert list(await unit.session.scalars(query)) == ["v", None]


@pytest.mark.parametrize(
    ("wanted", "found"), [(["role:gm"], ["keys"]), (["'", "members"], ["keys"]), (["role"], []), ([], [])]
)
async def test_overlaps_finds_a_list_that_has_any_of_the_texts(
    units: Units, wanted: list[str], found: list[str]
) -> None:
    async with units.write() as unit:
        unit.session.add(BoxRow(id=THIRD, name="keys", data=["members", "role:gm"], at=NOW))
        unit.session.add(BoxRow(id="00000000-0000-7000-8000-00000000000f", name="none", data=[], at=NOW))
        await unit.session.flush()
        mine = BoxRow.name.in_(["keys", "none"])
        query = select(BoxRow.name).where(mine, unit.dialect.overlaps(BoxRow.data, wanted))
        assert list(await unit.session.scalars(query)) == found


async def test_locked_rows_can_be_read(units: Units) -> None:
    async with units.write() as unit:
        row = await unit.session.scalar(unit.dialect.locked(select(BoxRow).where(BoxRow.id == ONE)))
        assert row is not None


async def test_a_violated_unique_constraint_is_recognised(units: Units) -> None:
    async with units.write() as unit:
        unit.session.add(BoxRow(id=THIRD, name="one", at=NOW))
        with pytest.raises(IntegrityError) as raised:
            await unit.session.flush()
        assert unit.dialect.violates_unique(raised.value)
        assert not unit.dialect.passing(raised.value)


async def test_an_error_does_not_show_the_values(units: Units) -> None:
    async with units.write() as unit:
        unit.session.add(BoxRow(id=THIRD, name="one", data="hunter2", at=NOW))
        with pytest.raises(IntegrityError) as raised:
            await unit.session.flush()
    assert "hunter2" not in str(raised.value)
