import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from reality_engine.identities.clerk_tokens import ROOM, SHORT
from reality_engine.identities.signed_tokens import SKEW
from reality_engine.kernel.clock import FixedClock
from tests.clerk import WEBHOOK_SECRET, Clerk
from tests.issuer import KEYS, Issuer, Reply, issuing
from tests.serving import NOON, PASSWORD, Serving, codes, serving

PARTY = "https://app.example.org"
ME = "/api/v1/auth/me"


@dataclass
class Doors:
    """A server that knows Clerk, and Clerk."""

    server: Serving
    issuer: Issuer
    clerk: Clerk

    def headers(self, subject: str, **changed: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.session_token(subject, **changed)}"}

    async def ask(self, subject: str, path: str = ME, **changed: Any) -> httpx2.Response:
        return await self.server.client.get(path, headers=self.headers(subject, **changed))

    async def me(self, subject: str) -> dict[str, Any]:
        answer = await self.ask(subject)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    async def organizations(self, subject: str) -> list[tuple[str, str]]:
        answer = await self.ask(subject, "/api/v1/auth/organizations")
        return [(one["name"], one["role"]) for one in answer.json()["data"]]


@pytest.fixture
async def doors(database_url: str) -> AsyncIterator[Doors]:
    async with doors_of(database_url) as doors:
        yield doors


@asynccontextmanager
async def doors_of(url: str, **chosen: Any) -> AsyncIterator[Doors]:
    with issuing(FixedClock(NOON)) as issuer:
        clerk = {
            "auth": ("local", "clerk"), "clerk_issuer": issuer.address, "clerk_webhook_secret": WEBHOOK_SECRET,
            "clerk_authorized_parties": (PARTY,), **chosen,
        }  # fmt: skip
        async with serving(url, **clerk) as server:
            issuer.clock = server.clock
            yield Doors(server, issuer, Clerk(server.clock))


async def test_who_is_seen_for_the_first_time_gets_an_account_once(doors: Doors) -> None:
    answers = await asyncio.gather(*(doors.ask("user_1") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    (known,) = {answer.json()["data"]["id"] for answer in answers}
    me = await doors.me("user_1")
    assert (me["id"], me["email"], me["role"]) == (known, None, "user")
    assert (await doors.me("user_2"))["id"] != known


async def test_name_and_verified_address_of_the_token_are_the_account_s(doors: Doors) -> None:
    said: dict[str, Any] = {"name": "Mira\nSand", "email": "Mira@Example.org", "email_verified": True}
    assert (await doors.ask("user_1", **said)).status_code == 200
    me = await doors.me("user_1")
    assert (me["name"], me["email"]) == ("MiraSand", "mira@example.org")
    assert (
        await doors.ask("user_2", **{**said, "email": "jo@example.org", "email_verified": "yes"})
    ).status_code == 200
    assert (await doors.me("user_2"))["email"] is None


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "changed",
    [
        {"azp": "https://elsewhere.example.org"}, {"azp": None}, {"azp": [PARTY]}, {"sid": None}, {"sid": "a b"},
        {"sts": "pending"}, {"iss": "https://elsewhere.example.org"}, {"sub": "a\nb"}, {"sub": "x" * 256},
        {"nbf": int(NOON.timestamp()) + 60},
    ],
)  # fmt: skip
async def test_a_token_that_is_not_for_here_is_refused(doors: Doors, changed: dict[str, Any]) -> None:
    answer = await doors.ask("user_1", **changed)
    assert (answer.status_code, codes(answer)) == (401, ["unauthenticated"])


async def test_a_token_that_was_read_before_ends_with_its_time(doors: Doors) -> None:
    headers = doors.headers("user_1")
    assert (await doors.server.client.get(ME, headers=headers)).status_code == 200
    doors.server.clock.advance(timedelta(seconds=60) + SKEW)
    answer = await doors.server.client.get(ME, headers=headers)
    assert codes(answer) == ["token_expired"]


async def test_while_clerk_is_away_others_come_in_as_ever(doors: Doors) -> None:
    doors.issuer.instead[KEYS] = Reply(503, {})
    mira = await doors.server.user("Mira")
    answer = await doors.ask("user_1")
    assert (answer.status_code, codes(answer)) == (503, ["issuer_unavailable"])
    assert (await doors.server.client.get(ME, headers=mira)).status_code == 200
    assert (await doors.server.client.get("/livez", headers=doors.headers("user_1"))).status_code == 200


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_tokens_of_other_kinds_are_known_again_in_bounded_room(doors: Doors) -> None:
    reader = doors.server.app.state.identities.clerk
    mira = await doors.server.user("Mira")
    for _ in range(2):
        assert (await doors.server.client.get(ME, headers=mira)).status_code == 200
        assert (await doors.ask("user_1")).status_code == 200
    assert len(reader._others) == 1
    for number in range(ROOM + 10):
        assert not reader.reads(f"a.b.{number}")
    assert not reader.reads("x" * (SHORT + 1))
    assert len(reader._others) == ROOM


async def test_a_session_of_clerk_ends_there_and_not_here(doors: Doors) -> None:
    for path in ("logout", "logout/everywhere"):
        answer = await doors.server.client.post(f"/api/v1/auth/{path}", headers=doors.headers("user_1"))
        assert answer.status_code in (204, 409)
    answer = await doors.server.client.post("/api/v1/auth/logout", headers=doors.headers("user_1"))
    assert codes(answer) == ["conflict"]
    assert (await doors.ask("user_1", "/api/v1/auth/sessions")).json()["data"] == []


async def test_without_leave_nobody_new_gets_an_account(database_url: str) -> None:
    async with doors_of(database_url, registration="closed") as doors:
        answer = await doors.ask("user_1")
        assert (answer.status_code, codes(answer)) == (403, ["registration_closed"])
        assert (await doors.clerk.user("user_1", "created").to(doors.server.client)).status_code == 204
        assert codes(await doors.ask("user_1")) == ["registration_closed"]


async def test_the_address_of_an_account_is_never_linked_in_silence(doors: Doors) -> None:
    mira = await doors.server.user("Mira")
    said: dict[str, Any] = {"email": "mira@example.org", "email_verified": True}
    refused = await doors.ask("user_1", **said)
    assert (refused.status_code, codes(refused)) == (409, ["link_required"])
    await doors.clerk.user("user_1", "created", email_addresses=[]).to(doors.server.client)
    token = doors.issuer.session_token("user_9", **said)
    link, body = "/api/v1/auth/identities", {"clerk_token": token}
    for wrong in (body, {**body, "password": "wrong"}):
        assert codes(await doors.server.client.post(link, json=wrong, headers=mira)) == ["bad_credentials"]
    made = await doors.server.client.post(link, json={**body, "password": PASSWORD}, headers=mira)
    assert made.status_code == 201, made.text
    again = await doors.server.client.post(link, json={**body, "password": PASSWORD}, headers=mira)
    assert again.json()["data"]["id"] == made.json()["data"]["id"]
    assert (await doors.me("user_9"))["email"] == "mira@example.org"
    jo = await doors.server.user("Jo")
    taken = await doors.server.client.post(link, json={**body, "password": PASSWORD}, headers=jo)
    assert codes(taken) == ["identity_taken"]
    gone = await doors.server.client.delete(f"{link}/{made.json()['data']['id']}", headers=jo)
    assert gone.status_code == 404
    gone = await doors.server.client.delete(f"{link}/{made.json()['data']['id']}", headers=mira)
    assert gone.status_code == 204
    assert codes(await doors.ask("user_9", **said)) == ["link_required"]


async def test_the_last_way_in_stays(doors: Doors) -> None:
    await doors.me("user_1")
    headers = doors.headers("user_1")
    (only,) = (await doors.ask("user_1", "/api/v1/auth/identities")).json()["data"]
    assert (only["kind"], only["subject"]) == ("clerk", "user_1")
    answer = await doors.server.client.delete(f"/api/v1/auth/identities/{only['id']}", headers=headers)
    assert (answer.status_code, codes(answer)) == (409, ["last_way_in"])
    second = {"clerk_token": doors.issuer.session_token("user_2")}
    assert (await doors.server.client.post("/api/v1/auth/identities", json=second, headers=headers)).status_code == 201
    assert (
        await doors.server.client.delete(f"/api/v1/auth/identities/{only['id']}", headers=headers)
    ).status_code == 204
    assert len((await doors.ask("user_2", "/api/v1/auth/identities")).json()["data"]) == 1


async def test_news_in_any_order_and_number_come_to_the_same(doors: Doors) -> None:
    client, clerk = doors.server.client, doors.clerk
    early = clerk.user("user_1", "created", first_name="Early")
    doors.server.clock.advance(timedelta(seconds=1))
    late = clerk.user("user_1", first_name="Late", last_name="Sand")
    for told in (late, early, late, early):
        assert (await told.to(client)).status_code == 204
    me = await doors.me("user_1")
    assert (me["name"], me["email"]) == ("Late Sand", "user_1@example.org")
    await client.patch(ME, json={"name": "My own"}, headers=doors.headers("user_1"))
    await late.to(client)
    assert (await doors.me("user_1"))["name"] == "My own"


async def test_news_do_not_rename_an_account_with_a_password(doors: Doors) -> None:
    mira = await doors.server.user("Mira")
    body = {"clerk_token": doors.issuer.session_token("user_1"), "password": PASSWORD}
    await doors.server.client.post("/api/v1/auth/identities", json=body, headers=mira)
    await doors.clerk.user("user_1", first_name="Other").to(doors.server.client)
    me = await doors.me("user_1")
    assert (me["name"], me["email"]) == ("Mira", "mira@example.org")
    assert (await doors.clerk.user("user_1", "deleted").to(doors.server.client)).status_code == 204
    assert (await doors.server.client.get(ME, headers=mira)).status_code == 200
    assert codes(await doors.ask("user_1")) == ["identity_ended"]


async def test_who_is_gone_stays_gone(doors: Doors) -> None:
    client, clerk = doors.server.client, doors.clerk
    known = await doors.me("user_1")
    doors.server.app.state.erasures.settle = 0
    before = clerk.user("user_1")
    doors.server.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        assert (await clerk.user("user_1", "deleted").to(client)).status_code == 204
    doors.server.clock.advance(timedelta(seconds=2))
    for late in (before, clerk.user("user_1"), clerk.member("user_1", "org_1")):
        assert (await late.to(client)).status_code == 204
    assert codes(await doors.ask("user_1")) == ["identity_ended"]
    admin = await doors.server.user("Ada", admin=True)
    shown = await client.get(f"/api/v1/admin/users/{known['id']}/erasure", headers=admin)
    assert shown.status_code == 200
    never_seen = await clerk.user("user_2", "deleted").to(client)
    assert never_seen.status_code == 204
    assert codes(await doors.ask("user_2")) == ["identity_ended"]


async def test_who_was_erased_here_does_not_come_back_by_the_next_request(doors: Doors) -> None:
    doors.server.app.state.erasures.settle = 0
    await doors.me("user_1")
    erased = await doors.server.client.post("/api/v1/auth/me/erasure", json={}, headers=doors.headers("user_1"))
    assert erased.status_code == 200, erased.text
    doors.server.clock.advance(timedelta(seconds=1))
    assert codes(await doors.ask("user_1")) == ["identity_ended"]


async def test_who_is_banned_stays_out(doors: Doors) -> None:
    known = await doors.me("user_1")
    admin = await doors.server.user("Ada", admin=True)
    path = f"/api/v1/admin/users/{known['id']}/ban"
    banned = await doors.server.client.put(path, json={"reason": "told others' secrets"}, headers=admin)
    assert banned.status_code in (200, 201, 204), banned.text
    doors.server.clock.advance(timedelta(seconds=1))
    answer = await doors.ask("user_1")
    assert (answer.status_code, codes(answer)) == (403, ["account_banned"])


async def test_organizations_are_kept_in_step(doors: Doors) -> None:
    client, clerk = doors.server.client, doors.clerk
    await doors.me("user_1")
    first = clerk.member("user_1", "org_b", role="org:member")
    doors.server.clock.advance(timedelta(seconds=1))
    second = clerk.member("user_1", "org_b", "updated", role="org:admin")
    for told in (second, first, second):
        assert (await told.to(client)).status_code == 204
    assert await doors.organizations("user_1") == [("org_b", "org:admin")]
    doors.server.clock.advance(timedelta(seconds=1))
    await clerk.organization("org_b", name="Boats").to(client)
    assert await doors.organizations("user_1") == [("Boats", "org:admin")]
    assert await doors.organizations("user_2") == []
    await clerk.member("user_1", "org_b", "deleted").to(client)
    await second.to(client)
    assert await doors.organizations("user_1") == []
    doors.server.clock.advance(timedelta(seconds=1))
    await clerk.organization("org_b", "deleted").to(client)
    await clerk.organization("org_b").to(client)
    await clerk.member("user_2", "org_b").to(client)
    assert await doors.organizations("user_2") == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "headers",
    [
        {"svix-signature": "v1,AAAA"}, {"svix-signature": ""}, {"svix-signature": "v1"}, {"svix-signature": "é é,é"},
        {"svix-id": "msg_other"}, {"svix-id": ""}, {"svix-timestamp": "soon"}, {"svix-timestamp": "9" * 30},
        {"svix-timestamp": "0"}, {"svix-timestamp": "-1"},
    ],
)  # fmt: skip
async def test_news_that_are_not_signed_are_refused(doors: Doors, headers: dict[str, str]) -> None:
    answer = await doors.clerk.user("user_1", "deleted").to(doors.server.client, **headers)
    assert (answer.status_code, codes(answer)) == (401, ["bad_signature"])
    assert (await doors.ask("user_1")).status_code == 200


async def test_forged_altered_and_stale_news_are_refused(doors: Doors) -> None:
    client, clerk = doors.server.client, doors.clerk
    data = {"deleted": True, "id": "user_1"}
    forged = clerk.tell("user.deleted", data, "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB")
    altered = clerk.user("user_1")
    altered.body = altered.body.replace(b"Mira", b"Eve!")
    stale = clerk.user("user_1", "deleted")
    rotating = clerk.user("user_1", "created")
    rotating.headers["svix-signature"] = f"v1,AAAA {rotating.headers['svix-signature']}"
    assert (await rotating.to(client)).status_code == 204
    for bad in (forged, altered):
        assert codes(await bad.to(client)) == ["bad_signature"]
    doors.server.clock.advance(timedelta(minutes=5, seconds=1))
    assert codes(await stale.to(client)) == ["bad_signature"]
    assert (await doors.me("user_1"))["name"] == "Mira Sand"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("type_", "data", "status"),
    [
        ("session.created", {"id": "sess_1"}, 204),
        ("", {}, 204),
        ("user.updated", {}, 422),
        ("user.updated", {"id": 7}, 422),
        ("user.updated", {"id": "u", "updated_at": "soon"}, 422),
        ("user.updated", {"id": "u", "updated_at": 2**60}, 422),
        ("user.updated", {"id": "u" * 256}, 422),
        ("user.updated", {"id": "u", "updated_at": 1, "email_addresses": [{"id": None}, 7], "first_name": []}, 204),
        ("organizationMembership.created", {"id": "m", "organization": [], "public_user_data": {}}, 422),
    ],
)
async def test_signed_news_may_still_be_odd(doors: Doors, type_: str, data: dict[str, Any], status: int) -> None:
    assert (await doors.clerk.tell(type_, data).to(doors.server.client)).status_code == status


async def test_what_is_off_is_not_there(database_url: str) -> None:
    async with serving(database_url) as server:
        clerk = Clerk(server.clock)
        assert codes(await clerk.user("user_1").to(server.client)) == ["method_off"]
        mira = await server.user("Mira")
        body = {"clerk_token": "a.b.c", "password": PASSWORD}
        answer = await server.client.post("/api/v1/auth/identities", json=body, headers=mira)
        assert codes(answer) == ["method_off"]
    async with doors_of(database_url, auth=("clerk",)) as doors:
        form = {"grant_type": "password", "username": "mira@example.org", "password": PASSWORD}
        assert codes(await doors.server.client.post("/api/v1/auth/token", data=form)) == ["method_off"]
        fresh = {"email": "jo@example.org", "name": "Jo", "password": PASSWORD}
        assert codes(await doors.server.client.post("/api/v1/auth/register", json=fresh)) == ["method_off"]
        assert (await doors.ask("user_1")).status_code == 200
