"""With another member's eyes one sees what they see, and gets nothing of what they may."""

from collections.abc import AsyncIterator

import pytest

from tests.court import Court, assemble
from tests.playing import Headers
from tests.serving import codes, serving


@pytest.fixture
async def court(database_url: str) -> AsyncIterator[Court]:
    async with serving(database_url, log_level="error") as server:
        yield await assemble(server)


async def eyes(court: Court) -> Headers:
    """Return what lets the moderator, who sees everything and manages nothing, look with the manager's eyes."""
    members = (await court.table.get("moderator", "/members")).json()["data"]
    manager = next(one["id"] for one in members if one["user"] == court.users["manager"])
    answer = await court.table.call("moderator", "POST", f"/members/{manager}/view-as")
    return {"X-View-As": str(answer.json()["data"]["token"])}


async def test_the_eyes_of_who_manages_a_world_open_neither_its_archive_nor_its_doors(court: Court) -> None:
    borrowed = await eyes(court)
    invite = f"/invites/{court.things['invite']}/token"
    assert (await court.table.call("moderator", "GET", "/entities?kind=note", headers=borrowed)).status_code == 200
    for method, path in (("GET", "/export"), ("POST", invite)):
        answer = await court.table.call("moderator", method, path, headers=borrowed)
        assert (answer.status_code, codes(answer)) == (403, ["view_as_reads_only"])


async def test_who_sees_an_invite_and_does_not_manage_the_world_lets_nobody_in_by_it(court: Court) -> None:
    path = f"/invites/{court.things['invite']}/token"
    assert codes(await court.table.call("moderator", "POST", path)) == ["denied"]
    assert (await court.table.call("manager", "POST", path)).status_code == 200
