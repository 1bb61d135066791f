"""Worlds go out and come in over HTTP, for who may, and as what they are; on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.archives import read_archive
from tests.importing import lines_of, packed
from tests.playing import Playing, play
from tests.serving import Serving, codes, serving

GZIP = {"Content-Type": "application/gzip"}


@pytest.fixture
async def table(server: Serving) -> Playing:
    table = await play(server)
    await table.character("Mira", "Cass")
    return table


async def exported(table: Playing, who: str | None = "Gia", query: str = "") -> httpx2.Response:
    return await table.get(who, f"/export{query}")


async def sent(server: Serving, headers: dict[str, str], archive: bytes, query: str = "") -> httpx2.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(archive), 1000):
            yield archive[at : at + 1000]

    address = f"/api/v1/worlds/import{query}"
    return await server.client.post(address, content=pieces(), headers={**headers, **GZIP})


async def test_a_world_is_written_for_who_sees_everything_and_manages_it(table: Playing, tmp_path: Path) -> None:
    answer = await exported(table)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/gzip")
    (tmp_path / "world.gz").write_bytes(answer.content)
    lines = read_archive(tmp_path / "world.gz")
    assert lines[0]["world"]["id"] == table.world
    assert "mira@example.org" in {line.get("email") for line in lines}
    nameless = lines_of((await exported(table, "Gia", "?pseudonyms=true")).content)
    assert {"pseudonym"} == {key for line in nameless if "user" in line for key in line} - {"user"}
    assert "Mira" not in str(nameless)


async def test_nobody_else_gets_it(table: Playing) -> None:
    for who, status, code in (("Mira", 403, "denied"), ("Otto", 404, "not_found"), (None, 404, "not_found")):
        answer = await exported(table, who)
        assert (answer.status_code, codes(answer)) == (status, [code])
    assert (await exported(table, "Gia", "?pseudonym=true")).status_code == 422


async def test_it_comes_to_another_server(table: Playing, other_url: str) -> None:
    archive = (await exported(table)).content
    async with serving(other_url) as server:
        ada, mira = await server.user("Ada", admin=True), await server.user("Mira")
        answer = await sent(server, ada, archive, "?title=Brought")
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        assert data["world"] == table.world
        assert data["people"] == {"found": 1, "made": 2, "unknown": 0, "moved": 1}
        # She is the player that she was, by the account that she has here.
        there = Playing(server, table.world, {"Mira": mira})
        assert (await there.get("Mira")).json()["data"]["title"] == "Brought"
        assert "Cass" in await there.all("Mira", "character")
        assert (await there.feed("Mira"))[0]["type"] == "world.imported"
        await there.do("Mira", "retire", actor=await there.id_of("character", "Cass", "Mira"))
        again = await sent(server, ada, archive)
        assert (again.status_code, codes(again)) == (409, ["world_taken"])
        copy = await sent(server, ada, archive, "?copy=true")
        assert copy.headers["location"] == f"/api/v1/worlds/{copy.json()['data']['world']}"


async def test_who_may_not_or_sends_nonsense_changes_nothing(table: Playing) -> None:
    server = table.server
    archive = (await exported(table)).content
    ada = await server.user("Ada", admin=True)
    lines = lines_of(archive)
    lines[-2]["digest"] = "0" * 64
    before = await table.tables()
    for headers, body, status, code in (
        ({}, archive, 401, "unauthenticated"),
        (table.players["Gia"], archive, 403, "denied"),
        (ada, archive, 409, "world_taken"),
        (ada, b"", 422, "bad_archive"),
        (ada, b"{}", 422, "bad_archive"),
        (ada, archive[:-5], 422, "bad_archive"),
        (ada, packed(lines), 422, "bad_archive"),
        (ada, packed([{**lines[0], "format": 2}]), 422, "newer_format"),
    ):
        answer = await sent(server, headers, body, "?copy=true" if status == 422 else "")
        assert (answer.status_code, codes(answer)) == (status, [code]), answer.text
        assert await table.tables() == before


async def test_an_archive_has_a_bound_of_its_own(table: Playing, database_url: str) -> None:
    """And is not read at once: it may be larger than other bodies, and ends where it is too large."""
    ada = await table.server.user("Ada", admin=True)
    archive = (await exported(table)).content
    padding = b"".join(bytes([at % 251]) for at in range(3 * 2**19))
    async with serving(database_url, archive_limit_mb=1, body_limit=1_024) as server:
        assert len(archive) > 1_024
        answer = await sent(server, ada, archive, "?copy=true")
        assert answer.status_code == 201, answer.text
        answer = await sent(server, ada, archive[:-100] + padding, "?copy=true")
        assert answer.status_code in (413, 422)
        announced = await server.client.post("/api/v1/worlds/import", content=padding, headers={**ada, **GZIP})
        assert (announced.status_code, codes(announced)) == (413, ["too_large"])
