"""What is imported is whole, or nothing of it is there; on both databases."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.passwords import Passwords
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.user import ServerRole, User
from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.archives.errors import (
    ArchiveError,
    ArchiveTooLargeError,
    NewerFormatError,
    OvertakenError,
    WorldTakenError,
)
from reality_engine.archives.importing import Importing, bring_in
from reality_engine.archives.pseudonyms import Naming
from reality_engine.archives.showing import Imported, Options
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import Lineage
from reality_engine.kernel.errors import NotFoundError, RealityError
from reality_engine.kernel.ids import WORLD_ENTITY, fresh_id
from reality_engine.kernel.principal import WORLD
from reality_engine.packs.stored import VersionTakenError
from reality_engine.projection.verify import verify
from reality_engine.rules.decision import Request
from reality_engine.state import repository as state
from reality_engine.visibility.viewer import viewer_of
from tests.archives import pack_digest
from tests.databases import DIALECTS, Databases
from tests.importing import Told, archived, imported, lines_of, packed, rechained
from tests.properties.stage import Stage, staged
from tests.serving import NOON
from tests.tables import dump


@pytest.fixture(scope="module", params=DIALECTS)
def stages(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, bytes, Units]]:
    """Yield a stage, the archive of a world of it, and another database, to which nothing is brought for good."""
    dialect = request.param
    with (
        databases.fresh(dialect, migrated=True) as url, databases.fresh(dialect, migrated=True) as other,
        staged(url) as stage,
    ):  # fmt: skip
        engines = open_engines(other)
        archive = stage.runner.run(_played(stage))
        yield stage, archive, Units(engines)
        stage.runner.run(engines.close())


async def _played(stage: Stage) -> bytes:
    world = await stage.world()
    for one in stage.people[:3]:
        await register(stage.units, one.id, f"{one.name.lower()}@example.org", one.name)
    wishes = [
        Wish(Request("world.configure", stage.people[0], input={"title": f"Title {number}"})) for number in range(3)
    ]
    await acting.submit_each(stage.actions, world, wishes)
    return await archived(stage, world)


async def register(units: Units, key: str, email: str, name: str) -> None:
    async with units.write() as unit:
        await accounts.add_user(unit, User(key, email, name, ServerRole.USER, NOON), "")
        await unit.commit()


def altered(of: str, **values: Any) -> Callable[[list[Told]], bytes]:
    """Change the first line of a kind."""

    def alter(lines: list[Told]) -> bytes:
        for line in lines:
            if of in line:
                line.update(values)
                break
        return packed(lines)

    return alter


def swapped(lines: list[Told]) -> bytes:
    at = next(number for number, line in enumerate(lines) if "event" in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return packed(lines)


def twice(key: str) -> Callable[[list[Told]], bytes]:
    def alter(lines: list[Told]) -> bytes:
        at = next(number for number, line in enumerate(lines) if key in line)
        return packed([*lines[: at + 1], *lines[at:]])

    return alter


def without(key: str) -> Callable[[list[Told]], bytes]:
    return lambda lines: packed([line for line in lines if key not in line])


def in_bodies(change: Callable[[Told, Told], None]) -> Callable[[list[Told]], bytes]:
    return lambda lines: rechained(lines, change)


def set_in_body(**values: Any) -> Callable[[list[Told]], bytes]:
    return in_bodies(lambda body, _: body.update(values))


def bad_change(field: int, value: Any) -> Callable[[list[Told]], bytes]:
    def change(body: Told, _: Told) -> None:
        for row in body.get("changes", ()):
            row[field] = value

    return in_bodies(change)


def raw(position: int, line: bytes) -> Callable[[list[Told]], bytes]:
    return lambda lines: packed([*lines[:position], line, *lines[position:]])


ALTERED: dict[str, tuple[Callable[[list[Told]], bytes], str]] = {
    "a digest": (altered("event", digest="0" * 64), "does not fit the hash chain"),
    "a body": (altered("event", body="{}"), "line"),
    "a body that is no JSON": (altered("event", body="{"), "the body cannot be read"),
    "a private value": (altered("event", private={"abc": ["00", "x"]}), "never committed to"),
    "a private value of no form": (altered("event", private={"abc": [1]}), "line"),
    "the order": (swapped, "is missing"),
    "an event twice": (twice("event"), "is missing"),
    "a pack twice": (twice("pack"), "twice"),
    "somebody twice": (twice("user"), "twice"),
    "the manifest twice": (twice("archive"), "its manifest first, and once"),
    "no manifest": (without("archive"), "its manifest first, and once"),
    "no pack": (without("pack"), "its pack is not in the archive"),
    "no events": (without("event"), "does not end as the manifest says"),
    "no end": (without("end"), "without its last line"),
    "an end in the middle": (raw(2, b'{"end": {"packs": 1, "users": 0, "events": 0, "sha256": "%s"}}\n' % (b"0" * 64)),
                             "digest of all"),
    "files of the pack": (altered("pack", files={"pack.yaml": "pack: other"}), "do not have its digest"),
    "an address": (altered("user", email="nobody"), "the address is none"),
    "an address and a pseudonym": (altered("user", pseudonym="x"), "an address or a pseudonym"),
    "an unknown key": (altered("event", more=1), "line"),
    "an unknown line": (raw(3, b'{"other": 1}\n'), "line 4 is none of an archive"),
    "no JSON": (raw(3, b"{\n"), "line 4 cannot be read"),
    "an empty line": (raw(3, b"\n"), "line 4 cannot be read"),
    "too deep": (raw(3, b"[" * 500 + b"]" * 500 + b"\n"), "line 4 cannot be read"),
    "a null character": (raw(3, b'{"user": "a\\u0000", "pseudonym": "b"}\n'), "line 4 cannot be read"),
    "no UTF-8": (raw(3, b'{"user": "\xff", "pseudonym": "b"}\n'), "line 4 cannot be read"),
    "a moment of the future": (set_in_body(at="2999-01-01T00:00:00.000000Z"), "in the future"),
    "all at one moment": (set_in_body(at="2026-01-01T00:00:00.000000Z"), "not recorded after"),
    "a moment of another form": (set_in_body(at="2026-05-01T12:00:00+02:00"), "moment is not in UTC"),
    "ids that are none": (set_in_body(id="x"), "no id"),
    "the same id": (set_in_body(id="01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"), "lines"),
    "a type that is too long": (set_in_body(type="x" * 201), "too long"),
    "a principal of no kind": (set_in_body(by={"kind": "ghost", "id": ""}), "line"),
    "an audience of no form": (set_in_body(audiences=[["nonsense"]] * 9), "line"),
    "another pack": (set_in_body(pack="0" * 64), "its pack is not in the archive"),
    "a kind that is none": (bad_change(1, "ghost"), "line"),
    "a field that is none": (bad_change(2, "ghost"), "line"),
    "an entity that is none": (bad_change(0, "ghost"), "no id"),
    "a value that does not follow": (bad_change(3, "live"), "line"),
    "rows of no form": (set_in_body(changes=[[1]]), "line"),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_told_with_its_line_and_leaves_nothing(
    stages: tuple[Stage, bytes, Units], what: str
) -> None:
    stage, archive, target = stages
    alter, told = ALTERED[what]
    made = alter(lines_of(archive))

    async def run() -> None:
        before = await dump(target)
        with pytest.raises(ArchiveError) as refused:
            await imported(stage, target, made)
        assert told in refused.value.message
        assert "line" in refused.value.message or "manifest" in refused.value.message
        assert await dump(target) == before

    stage.runner.run(run())


def test_what_was_cut_or_is_no_archive_leaves_nothing(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, target = stages
    whole = gzip.decompress(archive)

    async def run() -> None:
        before = await dump(target)
        flipped = bytearray(archive)
        flipped[len(flipped) // 2] ^= 255
        further = archive + gzip.compress(b"\n")
        cuts = [archive[:at] for at in (0, 1, 20, len(archive) // 2, len(archive) - 1)]
        for made in (*cuts, b"nonsense", archive + b"x", further, bytes(flipped), whole, gzip.compress(whole[:-9])):
            with pytest.raises(ArchiveError):
                await imported(stage, target, made)
            assert await dump(target) == before

    stage.runner.run(run())


def test_bombs_and_endless_lines_are_refused_in_bounded_memory(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, target = stages

    async def run() -> None:
        long = gzip.compress(gzip.decompress(archive)[:-2] + b" " * (40 * 2**20), 1)
        for made in (long, gzip.compress(b'{"archive": "' + b"a" * (40 * 2**20), 1)):
            with pytest.raises(ArchiveError, match="is longer than"):
                await imported(stage, target, made)
        context = Importing(target, stage.clock, stage.actions.packs, max_bytes=100)

        async def pieces() -> Any:
            yield archive

        with pytest.raises(ArchiveTooLargeError):
            await bring_in(context, pieces(), Options(WORLD))

    stage.runner.run(run())


def test_a_later_format_is_told_as_one(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, target = stages
    lines = lines_of(archive)
    lines[0] |= {"format": 2, "what_is_new": {}}
    for held, error in ((packed(lines), NewerFormatError), (packed([{**lines[0], "format": True}]), ArchiveError)):
        with pytest.raises(error):
            stage.runner.run(imported(stage, target, held))


def test_a_pack_of_the_same_name_with_another_content_is_not_written_over(databases: Databases) -> None:
    with databases.fresh("sqlite", migrated=True) as url, staged(url) as stage:

        async def run() -> None:
            lines = lines_of(await archived(stage, await stage.world()))
            old = lines[1]["pack"]
            files = {**lines[1]["files"], "README.md": "Another one"}
            new = pack_digest(files)
            text = [json.loads(json.dumps(line).replace(old, new)) for line in lines]
            text[1]["files"] = files
            with pytest.raises(VersionTakenError):
                await imported(stage, stage.units, rechained(text, lambda *_: None), copy=True)

        stage.runner.run(run())


def test_a_fork_stays_one(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, _ = stages

    async def run() -> None:
        lines = lines_of(archive)
        forked = {"world": lines[0]["world"]["id"], "position": 3}
        lines[0]["world"]["forked_from"] = forked
        done = await imported(stage, stage.units, packed(lines), copy=True)
        async with stage.units.read() as unit:
            assert (await directory.get(unit, done.world)).lineage == Lineage(forked["world"], 3)
        assert lines_of(await archived(stage, done.world))[0]["world"]["forked_from"] == forked

    stage.runner.run(run())


def test_the_same_world_comes_once_or_as_a_copy(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, _ = stages

    async def run() -> None:
        before = await dump(stage.units)
        with pytest.raises(WorldTakenError):
            await imported(stage, stage.units, archive)
        assert await dump(stage.units) == before
        first, second = [await imported(stage, stage.units, archive, copy=True) for _ in range(2)]
        assert first.world != second.world
        assert first.people.moved == {}
        assert first.people.found == 3

    stage.runner.run(run())


async def title_of(units: Units, world: str) -> str:
    async with units.read() as unit:
        return str((await state.entities_with_secrets(unit, world, [WORLD_ENTITY]))[WORLD_ENTITY].get("title"))


def test_people_get_the_accounts_that_they_have_here(databases: Databases, stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, _ = stages
    gia, mira, pia, _ = stage.people
    here = fresh_id(NOON)

    async def run(units: Units) -> None:
        await register(units, here, "mira@example.org", "Mira of here")
        await register(units, pia.id, "another@example.org", "Another")
        done = await imported(stage, units, archive, title="Brought")
        async with units.read() as unit:
            await verify(unit, done.world, stage.actions.packs)
            users = {one.email: one.id for one in await accounts.list_users(unit, [gia.id, here, pia.id])}
            made = await accounts.find_user_with_hash(unit, "pia@example.org")
            people = {one.get("user"): one for one in (await state.world_with_secrets(unit, done.world)).values()}
            owners = {one.owner for one in (await state.world_with_secrets(unit, done.world)).values()}
        assert users == {"gia@example.org": gia.id, "mira@example.org": here, "another@example.org": pia.id}
        assert made is not None
        assert (done.people.found, done.people.made) == (1, 2)
        assert done.people.moved == {mira.id: here, pia.id: made[0].id}
        assert {gia.id, here, made[0].id} <= people.keys()
        assert not {mira.id, pia.id} & (people.keys() | owners)
        assert await title_of(units, done.world) == "Brought"
        # Nobody gets in by an account that has no password.
        passwords = Passwords(AccountSettings(bcrypt_rounds=4))
        assert not await passwords.check("", made[1])
        async with units.read() as unit:
            viewer = await viewer_of(unit, done.world, made[0].principal(), stage.actions.viewers)
        assert viewer.scope.member

    with databases.fresh("sqlite", migrated=True) as url:
        engines = open_engines(url)
        stage.runner.run(run(Units(engines)))
        stage.runner.run(engines.close())


def test_whose_account_was_deleted_here_does_not_come_back(
    databases: Databases, stages: tuple[Stage, bytes, Units]
) -> None:
    stage, archive, _ = stages
    mira = stage.people[1]

    async def run(units: Units) -> None:
        await register(units, mira.id, "mira@example.org", "Mira")
        await register(units, fresh_id(NOON), "pia@example.org", "Pia of here")
        async with units.write() as unit:
            for user in await accounts.known_as(unit, [mira.id], ["pia@example.org"]):
                await accounts.end_user(unit, user[0], NOON)
            await unit.commit()
        done = await imported(stage, units, archive)
        assert (done.people.found, done.people.made, done.people.unknown) == (0, 2, 1)
        assert mira.id not in done.people.moved
        async with units.read() as unit:
            assert await accounts.list_users(unit, [mira.id]) == []

    with databases.fresh("sqlite", migrated=True) as url:
        engines = open_engines(url)
        stage.runner.run(run(Units(engines)))
        stage.runner.run(engines.close())


def test_who_stands_under_a_pseudonym_gets_no_account(databases: Databases, stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, _ = stages

    async def run(units: Units) -> None:
        world = lines_of(archive)[0]["world"]["id"]
        done = await imported(stage, units, await archived(stage, world, Naming.PSEUDONYMS))
        assert (done.people.unknown, done.people.made) == (3, 0)
        async with units.read() as unit:
            assert await accounts.list_users(unit, [one.id for one in stage.people]) == []
            await verify(unit, done.world, stage.actions.packs)

    with databases.fresh("sqlite", migrated=True) as url:
        engines = open_engines(url)
        stage.runner.run(run(Units(engines)))
        stage.runner.run(engines.close())


def test_one_that_was_interrupted_is_found_by_nobody_and_goes_on(stages: tuple[Stage, bytes, Units]) -> None:
    stage, archive, target = stages
    world = lines_of(archive)[0]["world"]["id"]

    class Interrupted(BaseException):
        pass

    async def some(piece: int) -> Any:
        for at in range(0, len(archive) * 9 // 10, piece):
            yield archive[at : at + piece]
        raise Interrupted

    async def run() -> None:
        before = await dump(target)
        with pytest.raises(Interrupted):
            await bring_in(Importing(target, stage.clock, stage.actions.packs), some(300), Options(WORLD))
        between = await dump(target)
        assert len(between["events"]) > 0
        assert between["worlds"] == before["worlds"]
        async with target.read() as unit:
            for one in stage.people:
                with pytest.raises(NotFoundError):
                    await viewer_of(unit, world, one, stage.actions.viewers)
        # Another archive clears it away once nobody has been at it for long; the same one goes on.
        await imported(stage, target, archive, copy=True)
        assert (await dump(target))["imports"] == between["imports"]
        await imported(stage, target, archive)
        assert (await dump(target))["imports"] == []
        async with target.read() as unit:
            await verify(unit, world, stage.actions.packs)

    stage.runner.run(run())


def test_of_two_at_once_the_later_one_goes_on_and_the_other_is_told(stages: tuple[Stage, bytes, Units]) -> None:
    stage, _, target = stages

    async def run() -> None:
        archive = await archived(stage, await stage.world())
        half, going = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield archive[:-300]
            half.set()
            await going.wait()
            yield archive[-300:]

        context = Importing(target, stage.clock, stage.actions.packs)
        first = asyncio.create_task(bring_in(context, slowly(), Options(WORLD)))
        await half.wait()
        done = await imported(stage, target, archive)
        before = await dump(target)
        going.set()
        with pytest.raises((OvertakenError, WorldTakenError)):
            await first
        assert await dump(target) == before
        async with target.read() as unit:
            await verify(unit, done.world, stage.actions.packs)
        copies = await asyncio.gather(
            *(imported(stage, target, archive, copy=True) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(one, Imported | OvertakenError) for one in copies)
        assert any(isinstance(one, Imported) for one in copies)
        after = await dump(target)
        assert after["imports"] == before["imports"]
        assert len(after["worlds"]) - len(before["worlds"]) == sum(isinstance(one, Imported) for one in copies)

    stage.runner.run(run())


def test_what_was_left_behind_is_cleared_by_a_later_import(stages: tuple[Stage, bytes, Units]) -> None:
    stage, _, target = stages

    class Interrupted(BaseException):
        pass

    async def some(archive: bytes) -> Any:
        yield archive[: len(archive) - 200]
        raise Interrupted

    async def run() -> None:
        left, other = [await archived(stage, await stage.world()) for _ in range(2)]
        with pytest.raises(Interrupted):
            await bring_in(Importing(target, stage.clock, stage.actions.packs), some(left), Options(WORLD))
        stage.clock.advance(timedelta(hours=2))
        with pytest.raises(RealityError):
            await imported(stage, target, other[:-20])
        held = await dump(target)
        key = lines_of(left)[0]["world"]["id"]
        assert held["imports"] == []
        assert not [name for name, rows in held.items() for row in rows if key in row]

    stage.runner.run(run())
