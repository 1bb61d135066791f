import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.db import migrate
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import NotFoundError
from reality_engine.packs import repository, service
from reality_engine.packs.cache import PackCache
from reality_engine.packs.problems import PackError
from reality_engine.packs.stored import PackVersion, VersionTakenError

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
TINY = "pack: tiny\nversion: 1.0.0\ntitle: Tiny\nroles: {gm: {admin: true}}\n"


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    await asyncio.to_thread(migrate.upgrade, database_url)
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


async def store(units: Units, source: str, moment: datetime = NOW) -> PackVersion:
    files = {"pack.yaml": source}
    pack = await service.check(files, PackCache())
    async with units.write() as unit:
        stored = await service.store(unit, pack, files, moment)
        await unit.commit()
    return stored


async def test_a_stored_version_is_ready_to_run_again(units: Units) -> None:
    stored, cache = await store(units, TINY), PackCache()
    async with units.read() as unit:
        pack = await service.load(unit, stored.digest, cache)
        again = await service.load(unit, stored.digest, cache)
        source = await repository.get_pack(unit, stored.digest)
    assert (pack.name, pack.digest) == ("tiny", stored.digest)
    assert again is pack
    assert source.files == {"pack.yaml": TINY}
    assert source.about == stored


async def test_the_same_content_again_changes_nothing(units: Units) -> None:
    first = await store(units, TINY)
    assert await store(units, TINY, NOW + timedelta(days=1)) == first


async def test_a_version_never_changes(units: Units) -> None:
    first = await store(units, TINY)
    with pytest.raises(VersionTakenError):
        await store(units, TINY.replace("title: Tiny", "title: Huge"))
    async with units.read() as unit:
        assert await repository.find_version(unit, "tiny", "1.0.0") == first


async def test_versions_are_listed_newest_first(units: Units) -> None:
    old = await store(units, TINY)
    new = await store(units, TINY.replace("1.0.0", "1.1.0"), NOW + timedelta(days=1))
    other = await store(units, TINY.replace("pack: tiny", "pack: alpha"))
    async with units.read() as unit:
        assert await repository.list_versions(unit, 10) == [other, new, old]
        assert await repository.list_versions(unit, 10, name="tiny") == [new, old]
        assert await repository.list_versions(unit, 1, 1) == [new]


@pytest.mark.parametrize("digest", ["00" * 32, "not a digest", ""])
async def test_what_is_not_stored_is_not_found(units: Units, digest: str) -> None:
    async with units.read() as unit:
        with pytest.raises(NotFoundError):
            await service.load(unit, digest, PackCache())
        with pytest.raises(NotFoundError):
            await repository.get_version(unit, digest)


async def test_a_bad_pack_is_not_kept() -> None:
    cache = PackCache()
    with pytest.raises(PackError):
        await service.check({"pack.yaml": TINY + "colour: blue\n"}, cache)
    assert len(cache) == 0
