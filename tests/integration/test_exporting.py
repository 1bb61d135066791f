"""A world is exported while it goes on, and an archive can be read by anybody; on both databases."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.archives import exporting, files
from reality_engine.archives.errors import ArchiveError, PastRewrittenError
from reality_engine.archives.exporting import Exporting
from reality_engine.archives.pseudonyms import Naming
from reality_engine.db.placing import require_free
from reality_engine.kernel.errors import ConflictError
from reality_engine.rules.decision import Request
from tests.archives import read_archive
from tests.databases import DIALECTS, Databases
from tests.properties.stage import Stage, staged


@pytest.fixture(scope="module", params=DIALECTS)
def stage(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Stage]:
    with databases.fresh(request.param, migrated=True) as url, staged(url) as stage:
        yield stage


async def begun(stage: Stage, world: str, naming: Naming = Naming.ACCOUNTS) -> Exporting:
    return await exporting.begin(stage.units, world, stage.clock, "test", naming)


async def exported(stage: Stage, world: str, path: Path, naming: Naming = Naming.ACCOUNTS) -> Path:
    started = await begun(stage, world, naming)
    files.begin_part(path)
    await files.write_part(path, started)
    return path


async def retitle(stage: Stage, world: str, *titles: str) -> None:
    wishes = [Wish(Request("world.configure", stage.people[0], input={"title": title})) for title in titles]
    await acting.submit_each(stage.actions, world, wishes)


def test_it_is_read_with_the_standard_library_alone(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        world = await stage.world()
        path = await exported(stage, world, tmp_path / "world.jsonl.gz")
        lines = read_archive(path)
        assert lines[0]["world"]["id"] == world
        assert {line["user"] for line in lines if "user" in line} == {one.id for one in stage.people[:3]}
        assert path.stat().st_mode & 0o777 == 0o600

    stage.runner.run(run())


def test_what_happens_meanwhile_is_not_in_it(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        world = await stage.world()
        started = await begun(stage, world)
        await retitle(stage, world, "Wednesdays")
        path = tmp_path / "world.jsonl.gz"
        files.begin_part(path)
        await files.write_part(path, started)
        lines = read_archive(path)
        assert lines[0]["head"]["position"] == started.manifest.head.position == lines[-1]["end"]["events"]

    stage.runner.run(run())


def test_it_goes_on_after_the_last_whole_member_wherever_it_was_cut(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        world = await stage.world()
        await retitle(stage, world, *(f"Title {number}" for number in range(120)))
        whole = (await exported(stage, world, tmp_path / "whole.gz")).read_bytes()
        await retitle(stage, world, "Later")
        first = len(whole) // 2  # beyond the member with the manifest and the pack
        for cut in (*range(first, len(whole) - 1, len(whole) // 9), len(whole) - 1, len(whole)):
            path = tmp_path / f"{cut}.gz"
            files.part_of(path).write_bytes(whole[:cut])
            manifest, done = files.begun_part(path)
            await files.write_part(path, await exporting.resumed(stage.units, manifest, done))
            assert path.read_bytes() == whole
            assert not files.part_of(path).exists()
        assert len(read_archive(tmp_path / f"{len(whole)}.gz")) > 120

        files.part_of(tmp_path / "short.gz").write_bytes(whole[:50])
        with pytest.raises(ArchiveError, match="no whole beginning"):
            files.begun_part(tmp_path / "short.gz")

    stage.runner.run(run())


def test_under_pseudonyms_nobody_is_named(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        world = await stage.world()
        path = await exported(stage, world, tmp_path / "world.jsonl.gz", Naming.PSEUDONYMS)
        text = gzip.decompress(path.read_bytes()).decode()
        read_archive(path)
        assert not [one.name for one in stage.people if f'"{one.name}"' in text]
        named = gzip.decompress((await exported(stage, world, tmp_path / "named.gz")).read_bytes()).decode()
        assert '"Mira"' in named

    stage.runner.run(run())


def test_nothing_is_written_over(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        world, path = await stage.world(), tmp_path / "world.jsonl.gz"
        path.write_text("mine")
        with pytest.raises(ConflictError):
            require_free(path)
        with pytest.raises(ConflictError):
            await exported(stage, world, path)
        assert path.read_text() == "mine"
        with pytest.raises(ConflictError, match="interrupted"):
            files.begin_part(path)

    stage.runner.run(run())


def test_it_does_not_go_on_where_the_log_is_another_one(stage: Stage, tmp_path: Path) -> None:
    async def run() -> None:
        started = await begun(stage, await stage.world())
        other = started.manifest.world.model_copy(update={"id": await stage.world()})
        path = tmp_path / "world.jsonl.gz"
        files.begin_part(path)
        async for packed in started.members():
            files.part_of(path).write_bytes(packed)
            break
        _, done = files.begun_part(path)
        changed = started.manifest.head.model_copy(update={"epoch": 7})
        for update in ({"head": changed}, {"world": other, "head": changed}):
            with pytest.raises(PastRewrittenError):
                await exporting.resumed(stage.units, started.manifest.model_copy(update=update), done)

    stage.runner.run(run())
