"""Coming into a world by an invite, and being kept out of it, over HTTP."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from reality_engine.accounts import service
from reality_engine.accounts.service import NewUser
from tests.doors import Door, door
from tests.playing import NOWHERE, Playing, play
from tests.reading_letters import token_in
from tests.serving import PASSWORD


async def invite(table: Playing, who: str = "Gia", **body: Any) -> dict[str, str]:
    answer = await table.call(who, "POST", "/invites", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, str] = answer.json()["data"]
    return made


async def accept(table: Playing, who: str | None, token: str, key: str | None = None) -> httpx2.Response:
    headers = {**table.players.get(who or "", {}), **({"Idempotency-Key": key} if key else {})}
    return await table.server.client.post("/api/v1/invites/accept", json={"token": token}, headers=headers)


async def preview(table: Playing, token: str) -> httpx2.Response:
    return await table.server.client.post("/api/v1/invites/preview", json={"token": token})


def code(answer: httpx2.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


async def test_whoever_has_the_token_of_an_invite_becomes_a_member_by_it(table: Playing) -> None:
    made = await invite(table)
    told = (await preview(table, made["token"])).json()["data"]
    assert told == {
        "world": table.world, "title": "Tuesdays", "description": "", "roles": ["player"], "expires_at": None,
    }  # fmt: skip
    assert (await table.get("Otto")).status_code == 404
    assert (await accept(table, None, made["token"])).status_code == 401
    answer = await accept(table, "Otto", made["token"], key="once")
    assert answer.json()["data"] == {"world": table.world, "roles": ["player"]}
    assert (await table.get("Otto")).status_code == 200
    # The same again is answered the same, as long as it has its key; the invite itself is used up.
    assert (await accept(table, "Otto", made["token"], key="once")).status_code == 200
    assert code(await accept(table, "Otto", made["token"])) == "invite_over"
    assert code(await preview(table, made["token"])) == "invite_over"
    assert (await table.call("Gia", "GET", "/invites")).json()["data"] == []


async def test_invites_are_for_who_manages_the_world(table: Playing) -> None:
    made = await invite(table, roles=["gm"], uses=3, expires_at="2026-05-01T13:00:00Z")
    for who, status in (("Mira", 403), ("Otto", 404), (None, 401)):
        assert (await table.call(who, "POST", "/invites", json={})).status_code == status
        assert (await table.call(who, "DELETE", f"/invites/{made['invite']}")).status_code in (status, 404)
        assert (await table.call(who, "POST", f"/invites/{made['invite']}/token")).status_code == 404
    (shown,) = (await table.call("Gia", "GET", "/invites")).json()["data"]
    end = "2026-05-01T13:00:00.000000Z"
    assert shown == {"id": made["invite"], "roles": ["gm"], "uses": 3, "expires_at": end, "email": None}
    assert (await table.call("Mira", "GET", "/invites")).json()["data"] == []
    # What the feed tells others of it is nothing.
    assert "member.invite" not in [event["type"] for event in await table.feed("Mira")]
    again = (await table.call("Gia", "POST", f"/invites/{made['invite']}/token")).json()["data"]
    assert again["token"] != made["token"]
    assert (await table.call("Gia", "DELETE", f"/invites/{made['invite']}")).status_code == 200
    assert (await table.call("Gia", "POST", f"/invites/{made['invite']}/token")).status_code == 404
    assert [code(await accept(table, "Otto", each["token"])) for each in (made, again)] == ["invite_over"] * 2


async def test_an_invite_is_over_when_it_says(table: Playing) -> None:
    made = await invite(table, expires_at="2026-05-01T12:00:01Z")
    past = await table.call("Gia", "POST", "/invites", json={"expires_at": "2026-05-01T11:00:00Z"})
    assert code(past) == "requirement_failed"
    table.server.clock.advance(timedelta(seconds=2))
    assert code(await accept(table, "Otto", made["token"])) == "requirement_failed"


async def test_to_a_world_that_was_deleted_nobody_is_invited(table: Playing) -> None:
    made = await invite(table)
    await table.do("Gia", "world.delete")
    assert code(await preview(table, made["token"])) == "invite_over"
    assert code(await accept(table, "Otto", made["token"])) == "invite_over"


async def test_of_two_who_come_at_once_by_the_last_use_one_comes_in(table: Playing) -> None:
    made = await invite(table)
    table.players["Nina"] = await table.server.user("Nina")
    answers = await asyncio.gather(*(accept(table, who, made["token"]) for who in ("Otto", "Nina")))
    assert sorted(answer.status_code for answer in answers) == [200, 404]


async def test_only_the_servers_own_route_accepts_an_invite(table: Playing) -> None:
    made = await invite(table)
    for who in ("Gia", "Mira"):
        assert code(await table.act(who, "member.accept", target=made["invite"])) == "unknown_action"
    assert (await table.act("Otto", "member.accept", target=made["invite"])).status_code == 404
    listed = (await table.get("Gia", f"/entities/{made['invite']}/allowed")).json()["data"]
    assert [one["action"] for one in listed] == ["invite.revoke"]


@pytest.mark.parametrize("token", ["garbage", "", "a" * 5_000, "é", "AbPcoPv2d3bqN1oc"])
async def test_what_is_no_token_lets_nobody_in(table: Playing, token: str) -> None:
    for answer in (await accept(table, "Otto", token), await preview(table, token)):
        assert answer.status_code in (404, 422), answer.text


async def test_a_token_of_another_world_or_kind_opens_nothing(table: Playing) -> None:
    links = table.server.app.state.invites
    member = next(iter((await table.all("Gia", "member")).values()))["id"]
    for world, entity in ((NOWHERE, NOWHERE), (table.world, NOWHERE), (table.world, member), ("x", "y")):
        token = links.token(world, entity)
        assert code(await preview(table, token)) == "invite_over"
        assert code(await accept(table, "Otto", token)) == "invite_over"


async def test_who_is_banned_comes_in_by_no_door(table: Playing) -> None:
    made = await invite(table, uses=5)
    await table.do("Gia", "world.configure", input={"joining": "open"})
    (mira,) = [one for one in (await table.all("Gia", "member")).values() if one["fields"]["name"] == "Mira"]
    user = mira["fields"]["user"]
    assert (await table.act("Mira", "member.ban", input={"user": user})).status_code == 403
    await table.do("Gia", "member.ban", input={"user": user, "reason": "shouting"})
    assert code(await table.act("Mira", "member.join")) == "banned"
    assert code(await accept(table, "Mira", made["token"])) == "banned"
    added = await table.call("Gia", "POST", "/members", json={"email": "mira@example.org"})
    assert code(added) == "requirement_failed"
    # Members see who is banned, and who manages the world alone sees why.
    (seen,) = (await table.all("Pia", "ban")).values()
    (known,) = (await table.all("Gia", "ban")).values()
    assert (seen["fields"], known["fields"]["reason"]) == ({"user": user}, "shouting")
    await table.do("Gia", "member.unban", target=known["id"])
    assert (await accept(table, "Mira", made["token"])).status_code == 200


async def test_an_invite_by_address_is_for_who_has_verified_it(database_url: str, tmp_path: Path) -> None:
    async with door(database_url, tmp_path) as easy:
        table = await play(easy.server)
        body = {"email": "otto@example.org"}
        made = await invite(table, **body)
        ((to, subject, told),) = await easy.letters()
        assert (to, subject) == ("otto@example.org", "You are invited to a world")
        assert "Tuesdays" not in told  # whoever makes a world could write to anybody by its title
        token = token_in(told)
        page = await easy.server.client.get(f"/invite?token={token}")
        assert "Tuesdays" in page.text
        assert (await preview(table, token)).json()["data"]["world"] == table.world
        # Nobody else comes in by either token.
        table.players["Nina"] = await easy.server.user("Nina")
        for each in (token, made["token"]):
            assert code(await accept(table, "Nina", each)) == "requirement_failed"
        (shown,) = (await table.call("Gia", "GET", "/invites")).json()["data"]
        assert shown["email"] == "otto@example.org"
        assert (await accept(table, "Otto", token)).status_code == 200
        # Nor does who has not shown that the address is theirs.
        una = await invite(table, email="una@example.org")
        table.players["Una"] = await unverified(easy, "Una")
        assert code(await accept(table, "Una", una["token"])) == "requirement_failed"
        assert "otto@" not in str(await table.tables("users", "letters", "tickets"))


async def test_of_an_invite_by_address_nothing_is_left_when_it_is_taken_back(database_url: str, tmp_path: Path) -> None:
    async with door(database_url, tmp_path) as easy:
        table = await play(easy.server)
        made = await invite(table, email="otto@example.org")
        token = await easy.letter()
        assert (await table.call("Gia", "DELETE", f"/invites/{made['invite']}")).status_code == 200
        for each in (token, made["token"]):
            assert code(await accept(table, "Otto", each)) == "invite_over"
        for _ in range(4):
            await invite(table, email="jo@example.org")
        assert (
            await table.call("Gia", "POST", "/invites", json={"email": "jo@example.org", "uses": 2})
        ).status_code == 422
        await invite(table, email="jo@example.org")
        often = await table.call("Gia", "POST", "/invites", json={"email": "jo@example.org"})
        assert code(often) == "limit_exceeded"


async def unverified(easy: Door, name: str) -> dict[str, str]:
    """Make an account whose address may be somebody else's, and return the headers of its requests."""
    hashed = await easy.server.app.state.accounts.passwords.hash(PASSWORD)
    async with easy.units.write() as unit:
        await service.register(unit, NewUser(f"{name.lower()}@example.org", name, hashed), easy.server.clock.now())
        await unit.commit()
    return await easy.server.login(name)
