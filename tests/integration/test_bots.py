from datetime import timedelta
from typing import Any

import pytest

from reality_engine.accounts.standing import TRUST
from reality_engine.audit import repository as audit
from reality_engine.audit.repository import Sought
from reality_engine.bots.service import MAX_BOTS, MAX_KEYS
from reality_engine.kernel.clock import to_text
from tests.keyed import Bot, Headers, bearer, bot_of
from tests.leaving import delete_user
from tests.playing import NOWHERE
from tests.serving import NOON, PASSWORD, Serving, codes
from tests.tables import dump

LATER = to_text(NOON + timedelta(days=1))


@pytest.fixture
async def mira(server: Serving) -> Headers:
    return await server.user("Mira")


@pytest.fixture
async def crow(server: Serving, mira: Headers) -> Bot:
    return await bot_of(server, mira)


async def status_of(server: Serving, headers: Headers) -> int:
    """Return what is answered to a bot that asks who it is."""
    return (await server.client.get("/api/v1/bots/me", headers=headers)).status_code


async def test_a_bot_is_made_renamed_listed_and_ended_by_its_owner(server: Serving, mira: Headers, crow: Bot) -> None:
    renamed = await crow.call("PATCH", json={"name": "Raven"})
    assert renamed.json()["data"]["name"] == "Raven"
    server.clock.advance(timedelta(seconds=1))
    other = await bot_of(server, mira, "Owl")
    listed = (await server.client.get("/api/v1/bots?limit=1", headers=mira)).json()
    assert [one["name"] for one in listed["data"]] == ["Owl"]
    following = await server.client.get(f"/api/v1/bots?cursor={listed['meta']['next']}", headers=mira)
    assert [one["name"] for one in following.json()["data"]] == ["Raven"]
    assert (await other.call("DELETE")).status_code == 204
    assert (await other.call("GET")).status_code == 404
    assert len((await server.client.get("/api/v1/bots", headers=mira)).json()["data"]) == 1


async def test_a_key_says_who_comes_and_is_stored_as_a_digest_alone(server: Serving, crow: Bot) -> None:
    key = await crow.mint(label="the cellar", per_day=100)
    told = (await server.client.get("/api/v1/bots/me", headers=bearer(key))).json()["data"]
    assert (told["bot"]["id"], told["bot"]["name"]) == (crow.id, "Crow")
    assert told["key"] == {name: value for name, value in key.items() if name != "key"}
    assert key["key"].startswith(key["hint"])
    secret = key["key"].removeprefix(key["hint"])
    assert secret not in repr(await dump(server.app.state.context.units))
    assert secret not in (await crow.call("GET", "/keys")).text


async def test_a_fresh_key_is_kept_by_no_cache(crow: Bot) -> None:
    made = await crow.call("POST", "/keys", json={"label": "a machine"})
    assert made.headers["cache-control"] == "no-store"


async def test_a_revoked_key_is_over_at_once(server: Serving, crow: Bot) -> None:
    key = await crow.mint()
    assert await status_of(server, bearer(key)) == 200
    assert (await crow.call("DELETE", f"/keys/{key['id']}")).status_code == 204
    assert await status_of(server, bearer(key)) == 401
    shown = (await crow.call("GET", f"/keys/{key['id']}")).json()["data"]
    assert shown["revoked_at"] == to_text(NOON)


async def test_an_ended_bot_takes_its_keys_along(server: Serving, crow: Bot) -> None:
    headers = await crow.key()
    assert await status_of(server, headers) == 200
    await crow.call("DELETE")
    assert await status_of(server, headers) == 401


async def test_the_end_of_an_owner_ends_their_bots_within_a_second(server: Serving, mira: Headers, crow: Bot) -> None:
    headers = await crow.key()
    assert await status_of(server, headers) == 200
    me = (await server.client.get("/api/v1/auth/me", headers=mira)).json()["data"]["id"]
    await delete_user(server.app.state.context.units, me, server.clock.now())
    server.clock.advance(TRUST)
    assert await status_of(server, headers) == 401


async def test_a_key_ends_at_its_moment_though_it_is_remembered(server: Serving, crow: Bot) -> None:
    headers = await crow.key(expires_at=to_text(NOON + timedelta(milliseconds=300)))
    assert await status_of(server, headers) == 200
    server.clock.advance(timedelta(milliseconds=299))
    assert await status_of(server, headers) == 200
    server.clock.advance(timedelta(milliseconds=1))
    assert await status_of(server, headers) == 401


async def test_a_key_is_rotated_with_an_overlap(server: Serving, crow: Bot) -> None:
    old = await crow.mint(reads_only=True, per_minute=7, expires_at=LATER)
    answer = await crow.call("POST", f"/keys/{old['id']}/rotate", json={"overlap_minutes": 10})
    new = answer.json()["data"]
    assert answer.headers["cache-control"] == "no-store"
    assert (new["replaces"], new["reads_only"], new["per_minute"]) == (old["id"], True, 7)
    assert new["expires_at"] == LATER
    server.clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    assert [await status_of(server, bearer(key)) for key in (old, new)] == [200, 200]
    server.clock.advance(timedelta(microseconds=1))
    assert [await status_of(server, bearer(key)) for key in (old, new)] == [401, 200]
    again = await crow.call("POST", f"/keys/{old['id']}/rotate", json={})
    assert (again.status_code, codes(again)) == (409, ["key_over"])


async def test_rotating_makes_no_key_longer_lived(crow: Bot) -> None:
    soon = to_text(NOON + timedelta(minutes=1))
    old = await crow.mint(expires_at=soon)
    await crow.call("POST", f"/keys/{old['id']}/rotate", json={"overlap_minutes": 60})
    assert (await crow.call("GET", f"/keys/{old['id']}")).json()["data"]["expires_at"] == soon


async def test_others_find_no_bot_and_no_key(server: Serving, crow: Bot) -> None:
    key = await crow.mint()
    otto = await server.user("Otto")
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", None),
        ("GET", "/keys", None),
        ("POST", "/keys", {"label": "mine"}),
        ("GET", f"/keys/{key['id']}", None),
        ("DELETE", f"/keys/{key['id']}", None),
        ("POST", f"/keys/{key['id']}/rotate", {}),
    ):
        answer = await crow.call(method, path, headers=otto, **({} if body is None else {"json": body}))
        assert answer.status_code == 404, (method, path)
    assert await status_of(server, bearer(key)) == 200


async def test_a_key_belongs_to_its_bot(server: Serving, mira: Headers, crow: Bot) -> None:
    key, owl = await crow.mint(), await bot_of(server, mira, "Owl")
    assert (await owl.call("DELETE", f"/keys/{key['id']}")).status_code == 404
    assert (await owl.call("GET", f"/keys/{NOWHERE}")).status_code == 404
    assert await status_of(server, bearer(key)) == 200


async def test_administrators_end_what_is_not_theirs_and_make_no_keys_of_it(server: Serving, crow: Bot) -> None:
    key, ada = await crow.mint(), await server.user("Ada", admin=True)
    assert (await crow.call("POST", "/keys", headers=ada, json={"label": "mine"})).status_code == 404
    assert (await crow.call("POST", f"/keys/{key['id']}/rotate", headers=ada, json={})).status_code == 404
    assert (await crow.call("DELETE", f"/keys/{key['id']}", headers=ada)).status_code == 204
    assert (await crow.call("DELETE", headers=ada)).status_code == 204


async def test_a_bot_makes_no_bots_and_no_keys(server: Serving, crow: Bot) -> None:
    headers = await crow.key()
    made = await server.client.post("/api/v1/bots", json={"name": "Chick"}, headers=headers)
    assert (made.status_code, codes(made)) == (403, ["denied"])
    minted = await crow.call("POST", "/keys", headers=headers, json={"label": "wider"})
    assert codes(minted) == ["denied"]
    assert codes(await server.client.get("/api/v1/bots/me", headers=crow.owner)) == ["not_found"]


async def test_made_up_keys_are_refused_alike(server: Serving) -> None:
    hint = "reality_0123456789ab_"
    for text in ("reality_", hint + "0" * 64, hint + "0" * 63, "reality_" + "x" * 3_000, hint.upper() + "0" * 64):
        answer = await server.client.get("/api/v1/bots/me", headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, codes(answer)) == (401, ["unauthenticated"])
        assert text not in answer.text


WRONG: list[dict[str, Any]] = [
    {"label": ""},
    {"label": "a\nb"},
    {"worlds": []},
    {"worlds": ["quay"]},
    {"worlds": [NOWHERE] * 101},
    {"actions": []},
    {"actions": ["*"]},
    {"actions": ["Plan"]},
    {"actions": ["plan.*.make"]},
    {"actions": ["a" * 201]},
    {"reads_only": True, "actions": ["plan"]},
    {"reads_only": True, "proposals_only": True},
    {"per_minute": 0},
    {"per_day": 1_000_000_001},
    {"expires_at": "2026-05-01T11:59:59Z"},
    {"expires_at": "2026-05-01T12:00:00"},
    {"expires_at": "2036-06-01T12:00:00Z"},
    {"expires_at": "9999-12-31T23:59:59-14:00"},
    {"expires_at": "0001-01-01T00:00:00+14:00"},
    {"admin": True},
]


async def test_a_key_that_makes_no_sense_is_refused(crow: Bot) -> None:
    for wrong in WRONG:
        answer = await crow.call("POST", "/keys", json={"label": "a machine", **wrong})
        assert (answer.status_code, codes(answer)) == (422, ["invalid"]), wrong
    assert (await crow.call("GET", "/keys")).json()["data"] == []


async def test_there_is_room_for_so_many_keys_and_an_end_makes_room(server: Serving, crow: Bot) -> None:
    keys = [await crow.mint() for _ in range(MAX_KEYS)]
    full = await crow.call("POST", "/keys", json={"label": "one more"})
    assert (full.status_code, codes(full)) == (422, ["too_many_bots"])
    rotated = await crow.call("POST", f"/keys/{keys[0]['id']}/rotate", json={"overlap_minutes": 0})
    assert rotated.status_code == 201
    assert await status_of(server, bearer(keys[0])) == 401


async def test_there_is_room_for_so_many_bots(server: Serving, mira: Headers) -> None:
    for number in range(MAX_BOTS):
        await bot_of(server, mira, f"Crow {number}")
    full = await server.client.post("/api/v1/bots", json={"name": "One more"}, headers=mira)
    assert codes(full) == ["too_many_bots"]


async def test_what_becomes_of_bots_and_keys_is_noted(server: Serving, crow: Bot) -> None:
    key = await crow.mint(label="the cellar")
    new = (await crow.call("POST", f"/keys/{key['id']}/rotate", json={})).json()["data"]
    await crow.call("DELETE", f"/keys/{key['id']}")
    await crow.call("PATCH", json={"name": "Raven"})
    await crow.call("DELETE")
    async with server.app.state.context.units.read() as unit:
        noted = await audit.list_entries(unit, Sought(), 100)
    told = [(one.what, one.subject) for one in noted if one.what.startswith("bot")]
    assert sorted(told) == sorted(
        [
            ("bot.made", crow.id),
            ("bot_key.made", key["id"]),
            ("bot_key.made", new["id"]),
            ("bot_key.revoked", key["id"]),
            ("bot.changed", crow.id),
            ("bot.ended", crow.id),
        ]
    )
    assert not any(word in repr(noted) for word in ("cellar", "Raven", key["key"], new["key"]))


async def test_erasing_an_owner_ends_their_bots_at_once_and_leaves_no_name_of_them(
    server: Serving, mira: Headers, crow: Bot
) -> None:
    key = await crow.mint(label="the cellar")
    assert await status_of(server, bearer(key)) == 200
    erased = await server.client.post("/api/v1/auth/me/erasure", json={"password": PASSWORD}, headers=mira)
    assert erased.status_code == 200, erased.text
    assert await status_of(server, bearer(key)) == 401
    stored = await dump(server.app.state.context.units)
    assert not any(word in repr((stored["bots"], stored["bot_keys"])) for word in ("Crow", "cellar"))
    assert len(stored["bot_keys"]) == 1
