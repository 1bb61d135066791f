"""Forks over HTTP: who may make them, of which moment, who comes along, and that they open nothing that is closed."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from reality_engine.directory.models import WorldRow
from reality_engine.kernel.clock import to_text
from reality_engine.projection.verify import verify
from tests.playing import Playing, play
from tests.serving import Serving, codes


@pytest.fixture
async def table(server: Serving) -> Playing:
    table = await play(server, joining="open")
    await table.character("Mira", "Cass")
    return table


async def fork(table: Playing, who: str | None = "Gia", key: str | None = None, **body: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await table.call(who, "POST", "/fork", json={"title": "What if", **body}, headers=headers)


async def forked(table: Playing, **body: Any) -> Playing:
    answer = await fork(table, **body)
    assert answer.status_code == 201, answer.text
    made = Playing(table.server, answer.json()["data"]["id"], table.players)
    await whole(made)
    await whole(table)
    return made


async def whole(playing: Playing) -> None:
    state = playing.server.app.state
    async with state.context.units.read() as unit:
        await verify(unit, playing.world, state.packs)


async def cursor(table: Playing) -> str:
    return str((await table.get("Gia", "/feed")).json()["meta"]["cursor"])


async def names(playing: Playing, who: str, kind: str) -> set[str]:
    return set(await playing.all(who, kind))


async def test_a_fork_is_what_the_world_was_and_goes_its_own_way(table: Playing) -> None:
    then = await cursor(table)
    await table.character("Pia", "Bel")
    made = await forked(table, as_of=then, members=True)
    shown = (await made.get("Gia")).json()["data"]
    assert (shown["title"], shown["forked_from"], shown["roles"]) == ("What if", table.world, ["gm"])
    assert await names(made, "Gia", "character") == {"Cass"}
    assert await names(table, "Gia", "character") == {"Cass", "Bel"}
    await made.character("Pia", "Dot")
    assert await names(table, "Gia", "character") == {"Cass", "Bel"}
    await whole(made)
    newest = (await table.feed("Gia"))[0]
    assert newest["action"] == "world.fork"
    assert all(event.get("action") != "world.fork" for event in await table.feed("Mira"))


async def test_without_a_moment_it_is_of_now_and_nobody_else_is_in_it(table: Playing) -> None:
    made = await forked(table)
    assert await names(made, "Gia", "member") == {"Gia"}
    assert await names(made, "Gia", "character") == {"Cass"}
    assert (await made.get("Mira")).status_code == 404
    listed = (await table.server.client.get("/api/v1/worlds", headers=table.players["Gia"])).json()["data"]
    assert {one["id"]: one["forked_from"] for one in listed} == {table.world: None, made.world: table.world}


async def test_who_does_not_see_the_origin_is_not_told_of_it(table: Playing) -> None:
    made = await forked(table, members=True)
    assert (await made.get("Mira")).json()["data"]["forked_from"] == table.world
    await table.call("Gia", "PATCH", "", json={"joining": "closed"})
    member = next(one for one in (await table.get("Gia", "/members")).json()["data"] if one["name"] == "Mira")
    await table.call("Gia", "DELETE", f"/members/{member['id']}")
    assert (await made.get("Mira")).json()["data"]["forked_from"] is None


async def forks(table: Playing) -> dict[str, str]:
    """Return the origins of all forks on the server, also of such as were deleted."""
    async with table.server.app.state.context.units.read() as unit:
        query = select(WorldRow.id, WorldRow.origin).where(WorldRow.origin.is_not(None))
        return {key: str(origin) for key, origin in await unit.session.execute(query)}


async def test_the_same_key_makes_one_fork(table: Playing) -> None:
    first, second = await fork(table, key="once"), await fork(table, key="once")
    assert (first.status_code, first.json()["data"]) == (201, second.json()["data"])
    assert codes(await fork(table, key="once", members=True)) == ["idempotency_key_reused"]
    assert await forks(table) == {first.json()["data"]["id"]: table.world}


async def test_only_who_manages_and_sees_everything_may_fork(table: Playing) -> None:
    assert codes(await fork(table, "Mira")) == ["denied"]
    assert (await fork(table, "Otto")).status_code in (403, 404)
    assert (await fork(table, None)).status_code == 401
    assert codes(await fork(table, "Mira", as_of="nonsense")) == ["denied"]


@pytest.mark.parametrize("as_of", ["nonsense", "2026-05-01", "1999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", ""])
async def test_what_is_no_moment_of_the_world_changes_nothing(table: Playing, as_of: str) -> None:
    before = await table.tables()
    answer = await fork(table, as_of=as_of)
    assert (answer.status_code, codes(answer)) == (422, ["bad_as_of"])
    assert await table.tables() == before


async def test_cursors_of_others_are_no_moments(table: Playing) -> None:
    other = str((await table.get("Mira", "/feed")).json()["meta"]["cursor"])
    assert codes(await fork(table, as_of=other)) == ["bad_as_of"]


async def test_a_timestamp_names_the_last_event_by_then(table: Playing) -> None:
    moment = to_text(table.server.app.state.context.clock.now())
    made = await forked(table, as_of=moment)
    assert await names(made, "Gia", "faction") == await names(table, "Gia", "faction")


async def test_who_has_left_or_lost_a_role_since_has_no_more_in_the_fork(table: Playing) -> None:
    members = {one["name"]: one["id"] for one in (await table.get("Gia", "/members")).json()["data"]}
    await table.do("Gia", "member.roles", target=members["Mira"], input={"roles": ["gm", "player"]})
    then = await cursor(table)
    await table.do("Gia", "member.roles", target=members["Mira"], input={"roles": ["player"]})
    await table.do("Gia", "member.remove", target=members["Pia"])
    made = await forked(table, as_of=then, members=True)
    assert (await made.get("Mira")).json()["data"]["roles"] == ["player"]
    assert await names(made, "Gia", "member") == {"Gia", "Mira"}


async def test_a_fork_is_no_more_open_than_its_origin(server: Serving) -> None:
    table = await play(server, public=True, joining="open")
    then = await cursor(table)
    await table.call("Gia", "PATCH", "", json={"public": False})
    shown = (await (await forked(table, as_of=then, members=True)).get("Gia")).json()["data"]
    assert (shown["public"], shown["joining"]) == (False, "open")


async def test_forks_of_forks_are_known_and_are_deleted_like_worlds(table: Playing) -> None:
    first = await forked(table)
    second = await forked(first)
    assert (await second.call("Gia", "DELETE", "")).status_code == 200
    assert (await second.get("Gia")).status_code == 404
    assert await forks(table) == {first.world: table.world, second.world: first.world}
