"""A server that takes people by invite: who makes invites, who may use one, how often, and until when."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import Captured, run, use
from tests.doors import Door, door
from tests.reading_letters import token_in
from tests.serving import codes

JO = "jo@example.org"


@pytest.fixture
async def invited(database_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    async with door(database_url, tmp_path, registration="invite") as invited:
        yield invited


async def invite(door: Door, who: dict[str, str], **body: Any) -> dict[str, Any]:
    answer = await door.post("/admin/invites", who, **body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


async def test_nobody_comes_in_without_an_invite(invited: Door) -> None:
    mira = await invited.server.user("Mira", admin=True)
    assert codes(await invited.register(JO)) == ["bad_invite"]
    assert codes(await invited.register(JO, invite="x" * 64)) == ["bad_invite"]
    made = await invite(invited, mira)
    assert (await invited.register(JO, invite=made["token"])).status_code == 201
    assert codes(await invited.register("kay@example.org", invite=made["token"])) == ["bad_invite"]
    assert sorted(await invited.noted()) == ["account.made", "invite.made"]


async def test_an_invite_for_an_address_is_sent_there_and_is_good_for_it_alone(invited: Door) -> None:
    mira = await invited.server.user("Mira", admin=True)
    await invite(invited, mira, email=JO, uses=5, role="admin")
    ((to, subject, told),) = await invited.letters()
    assert (to, subject) == (JO, "You are invited to http://localhost:8000")
    assert "2026-05-15" in told
    assert codes(await invited.register("kay@example.org", invite=token_in(told))) == ["bad_invite"]
    answer = await invited.register(JO, invite=token_in(told))
    assert (answer.status_code, answer.json()["data"]["role"]) == (201, "admin")
    assert codes(await invited.register(JO, invite=token_in(told))) == ["bad_invite"]


async def test_an_invite_is_over_when_it_is_old_used_up_or_revoked(invited: Door) -> None:
    mira = await invited.server.user("Mira", admin=True)
    old, twice, revoked = (
        await invite(invited, mira, days=1),
        await invite(invited, mira, uses=2),
        await invite(invited, mira),
    )
    client = invited.server.client
    assert (await client.delete(f"/api/v1/admin/invites/{revoked['id']}", headers=mira)).status_code == 204
    assert (await client.delete(f"/api/v1/admin/invites/{revoked['id']}", headers=mira)).status_code == 404
    invited.server.clock.advance(timedelta(days=1))
    mira = await invited.server.login("Mira")
    assert codes(await invited.register(JO, invite=old["token"])) == ["bad_invite"]
    assert codes(await invited.register(JO, invite=revoked["token"])) == ["bad_invite"]
    assert (await invited.register(JO, invite=twice["token"])).status_code == 201
    listed = (await client.get("/api/v1/admin/invites?total=true", headers=mira)).json()
    assert [(one["id"], one["uses_left"]) for one in listed["data"]] == [(twice["id"], 1)]
    assert listed["meta"]["total"] == 1
    assert "token" not in listed["data"][0]
    assert (await invited.register("kay@example.org", invite=twice["token"])).status_code == 201
    assert codes(await invited.register("lou@example.org", invite=twice["token"])) == ["bad_invite"]


async def test_an_address_that_is_taken_uses_up_no_invite(invited: Door) -> None:
    mira = await invited.server.user("Mira", admin=True)
    made = await invite(invited, mira)
    assert codes(await invited.register("mira@example.org", invite=made["token"])) == ["email_taken"]
    assert (await invited.register(JO, invite=made["token"])).status_code == 201


async def test_an_invite_is_used_when_the_address_is_verified(database_url: str, tmp_path: Path) -> None:
    async with door(database_url, tmp_path, registration="invite", verify_email="required") as strict:
        mira = await strict.server.user("Mira", admin=True)
        made = await invite(strict, mira)
        assert (await strict.register(JO, invite=made["token"])).status_code == 202
        assert (await strict.register("kay@example.org", invite=made["token"])).status_code == 202
        first, second = [token_in(told) for _, _, told in await strict.letters()]
        assert (await strict.verify(first)).status_code == 200
        assert codes(await strict.verify(second)) == ["bad_invite"]


async def test_invites_are_of_administrators_and_of_nobody_else(invited: Door) -> None:
    jo = await invited.server.user("Jo")
    assert codes(await invited.post("/admin/invites", jo)) == ["denied"]
    assert codes(await invited.post("/admin/invites")) == ["unauthenticated"]


@pytest.mark.parametrize(
    "body", [{"uses": 0}, {"uses": 1_001}, {"days": 0}, {"days": 91}, {"email": "nobody"}, {"role": "king"}, {"x": 1}]
)
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_wrong_invite_is_not_made(invited: Door, body: dict[str, Any]) -> None:
    mira = await invited.server.user("Mira", admin=True)
    answer = await invited.post("/admin/invites", mira, **body)
    assert (answer.status_code, codes(answer)) == (422, ["invalid"])


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_command_makes_invites(monkeypatch: pytest.MonkeyPatch, capsys: Captured, database_url: str) -> None:
    use(monkeypatch, database_url)
    monkeypatch.setenv("REALITY_PUBLIC_URL", "https://worlds.example.org")
    assert run("user", "invite", "--uses", "3") == 0
    assert capsys.readouterr().out.startswith("https://worlds.example.org/account/register?token=")
    assert run("user", "invite", "nobody") == 1
