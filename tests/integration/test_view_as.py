"""Looking with another member's eyes: it is logged, shows what they see and no more, and is for its asker alone."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.playing import NOWHERE, Playing, play
from tests.serving import Serving, codes

# A read that leaves with the whole world, which a member's rights decide and not their eyes.
TAKING = "/export"


@pytest.fixture
async def table(server: Serving) -> Playing:
    table = await play(server)
    hero, crows = await table.character("Mira", "Cass"), await table.id_of("faction", "The Crows")
    await table.character("Pia", "Bel", "The Lanterns")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "I am the heir"})
    await table.do("Mira", "advance_plan", actor=hero, target=crows)
    await table.do("Gia", "lay_trap", target=hero, input={"name": "A loose plank"})
    return table


async def member(table: Playing, name: str, who: str = "Gia") -> str:
    found = (await table.get(who, "/members")).json()["data"]
    return next(str(one["id"]) for one in found if one["name"] == name)


async def eyes(table: Playing, whose: str, who: str = "Gia") -> dict[str, str]:
    """Return the header that lets somebody look with another's eyes."""
    answer = await table.call(who, "POST", f"/members/{await member(table, whose)}/view-as")
    assert answer.status_code == 200, answer.text
    return {"X-View-As": answer.json()["data"]["token"]}


async def paths(table: Playing) -> list[str]:
    """Return every path to read by, of all that there is."""
    kinds = ("world", "member", "faction", "character", "clock", "deck", "trap")
    found = ["", "/members", "/invites", "/actions", "/feed?limit=100", *(f"/entities?kind={kind}" for kind in kinds)]
    events = await table.feed("Gia")
    since = quote(events[-1]["at"])
    found += [f"/diff?from={since}", "/upgrade", "/export"]
    for kind in kinds:
        there = (await table.get("Gia", f"/entities?kind={kind}")).json()["data"]
        for one in there:
            found += [f"/entities/{one['id']}", f"/entities/{one['id']}/allowed"]
        place = f"/entities/{there[0]['id']}"
        found += [f"{place}/history", f"{place}/blame", f"{place}/diff?from={since}"]
    for event in events:
        found += [f"/events/{event['id']}", f"/events/{event['id']}/explain"]
    return found


async def test_every_read_of_a_world_can_be_made_with_anothers_eyes(table: Playing) -> None:
    documented = (await table.server.client.get("/openapi.json")).json()["paths"]
    start = "/api/v1/worlds/{world}"
    reads = {path.removeprefix(start): methods["get"] for path, methods in documented.items() if "get" in methods}
    mine = {path: about for path, about in reads.items() if start + path in documented}
    covered = {re.sub("/[0-9a-f-]{36}", "/{}", path.partition("?")[0]) for path in await paths(table)}
    assert {re.sub("{[a-z]+}", "{}", path) for path in mine} == covered, (
        "a read that no test looks at with others' eyes"
    )
    for path, about in mine.items():
        assert "X-View-As" in {one["name"] for one in about["parameters"]}, path


def without_tags(answer: Any) -> Any:
    """Return a body without the names that are keyed by who looks."""
    if answer.headers["content-type"] != "application/json":
        return answer.content
    body = answer.json()
    data = body["data"] if isinstance(body["data"], list) else [body["data"]]
    for one in data:
        if isinstance(one, dict):
            one.pop("etag", None)
    body["meta"].pop("next", None)
    body["meta"].pop("cursor", None)
    return json.dumps(body)


@pytest.mark.parametrize("whose", ["Mira", "Pia", "Gia"])
async def test_what_is_read_with_anothers_eyes_is_what_they_read(table: Playing, whose: str) -> None:
    header = await eyes(table, whose)
    different = []
    for path in await paths(table):
        if path == TAKING:
            continue
        theirs = await table.get(whose, path)
        seen = await table.call("Gia", "GET", path, headers=header)
        assert seen.status_code == theirs.status_code, path
        if without_tags(seen) != without_tags(theirs):
            different.append(path)
    assert different == []


async def test_nobody_takes_a_world_away_with_anothers_eyes(table: Playing) -> None:
    for whose in ("Mira", "Gia"):
        answer = await table.call("Gia", "GET", TAKING, headers=await eyes(table, whose))
        assert (answer.status_code, codes(answer)) == (403, ["view_as_reads_only"])


async def test_an_entity_tag_and_a_cursor_of_anothers_eyes_are_of_them_alone(table: Playing) -> None:
    header = await eyes(table, "Mira")
    hero = await table.id_of("character", "Cass")
    tags = [
        (await table.call(who, "GET", f"/entities/{hero}", headers=more)).headers["ETag"]
        for who, more in (("Gia", header), ("Gia", {}), ("Mira", {}))
    ]
    assert len(set(tags)) == 3
    following = (await table.call("Gia", "GET", "/feed?limit=1", headers=header)).json()["meta"]["next"]
    assert (await table.call("Gia", "GET", f"/feed?cursor={following}", headers=header)).status_code == 200
    again = await eyes(table, "Mira")
    assert (await table.call("Gia", "GET", f"/feed?cursor={following}", headers=again)).status_code == 200
    for who, more in (("Gia", {}), ("Mira", {}), ("Gia", await eyes(table, "Pia"))):
        answer = await table.call(who, "GET", f"/feed?cursor={following}", headers=more)
        assert (answer.status_code, codes(answer)) == (422, ["bad_cursor"])


async def test_what_was_read_with_other_eyes_guards_nothing(table: Playing) -> None:
    header, clock = await eyes(table, "Mira"), await table.id_of("clock", "The docks close")
    read = (await table.call("Gia", "GET", f"/entities/{clock}", headers=header)).json()
    stale = await table.act("Gia", "tick_clock", target=clock, headers={"If-Match": read["data"]["etag"]})
    assert (stale.status_code, codes(stale)) == (412, ["stale"])
    answer = await table.act("Gia", "tick_clock", target=clock, since=read["meta"]["cursor"])
    assert (answer.status_code, codes(answer)) == (422, ["bad_cursor"])


async def test_looking_is_logged_for_those_who_see_everything(table: Playing) -> None:
    await eyes(table, "Mira")
    (newest, *_) = await table.feed("Gia")
    assert (newest["type"], newest["narrative"]) == ("world.view_as", "Gia looks with the eyes of Mira")
    assert newest["target"] == await member(table, "Mira")
    for who in ("Mira", "Pia"):
        assert "world.view_as" not in {event.get("type") for event in await table.feed(who)}


async def test_it_is_for_those_who_see_everything(table: Playing) -> None:
    whose = await member(table, "Pia")
    before = await table.tables()
    answer = await table.call("Mira", "POST", f"/members/{whose}/view-as")
    assert (answer.status_code, codes(answer)) == (403, ["denied"])
    answer = await table.call("Gia", "POST", f"/members/{NOWHERE}/view-as")
    assert (answer.status_code, codes(answer)) == (404, ["not_found"])
    assert (await table.call(None, "POST", f"/members/{whose}/view-as")).status_code == 401
    assert (await table.call("Otto", "POST", f"/members/{whose}/view-as")).status_code == 404
    assert await table.tables() == before


async def test_with_anothers_eyes_one_cannot_act(table: Playing) -> None:
    header = await eyes(table, "Mira")
    clock, mira = await table.id_of("clock", "The docks close"), await member(table, "Mira")
    before = await table.tables()
    for method, path, body in (
        ("POST", "/actions/tick_clock", {"target": clock}),
        ("POST", "/actions/tick_clock/preview", {"target": clock}),
        ("POST", "/members", {"email": "otto@example.org"}),
        ("PATCH", f"/members/{mira}", {"roles": ["gm"]}),
        ("DELETE", f"/members/{mira}", None),
        ("POST", f"/members/{mira}/view-as", None),
        ("PATCH", "", {"title": "Mine"}),
        ("DELETE", "", None),
    ):
        answer = await table.call("Gia", method, path, json=body, headers=header)
        assert (answer.status_code, codes(answer)) == (403, ["view_as_reads_only"]), path
    assert await table.tables() == before


async def test_a_token_is_of_one_looker_and_one_world_and_cannot_be_altered(table: Playing) -> None:
    header = await eyes(table, "Mira")
    token = header["X-View-As"]
    for other in ("nonsense", token[:-1], token[:20] + ("A" if token[20] != "A" else "B") + token[21:]):
        answer = await table.call("Gia", "GET", "/feed", headers={"X-View-As": other})
        assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])
    await table.do("Gia", "member.roles", target=await member(table, "Pia"), input={"roles": ["gm"]})
    answer = await table.call("Pia", "GET", "/feed", headers=header)  # who sees everything too
    assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])
    assert (await table.call("Mira", "GET", "/feed", headers=header)).status_code == 403
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Other", "public": True}, headers=table.players["Gia"]
    )
    other_world = Playing(table.server, made.json()["data"]["id"], table.players)
    answer = await other_world.call("Gia", "GET", "/feed", headers=header)
    assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])
    assert (await other_world.call(None, "GET", "/feed", headers=header)).status_code == 403
    cursor = (await table.get("Gia", "/feed?limit=1")).json()["meta"]["next"]
    answer = await table.call("Gia", "GET", "/feed", headers={"X-View-As": cursor})
    assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])


async def test_a_token_is_over_after_a_quarter_of_an_hour(table: Playing) -> None:
    whose = await member(table, "Mira")
    asked = {"Idempotency-Key": "one"}
    first = (await table.call("Gia", "POST", f"/members/{whose}/view-as", headers=asked)).json()["data"]
    header = {"X-View-As": first["token"]}
    table.server.clock.advance(timedelta(minutes=14))
    assert (await table.call("Gia", "GET", "/feed", headers=header)).status_code == 200
    # Asked again under the same key, nothing is logged: so it lasts no longer.
    again = (await table.call("Gia", "POST", f"/members/{whose}/view-as", headers=asked)).json()["data"]
    assert again["expires_at"] == first["expires_at"]
    table.server.clock.advance(timedelta(minutes=1, seconds=1))
    table.players["Gia"] = await table.server.login("Gia")
    for token in (first["token"], again["token"]):
        answer = await table.call("Gia", "GET", "/feed", headers={"X-View-As": token})
        assert (answer.status_code, codes(answer)) == (403, ["view_as_expired"])


async def test_every_use_asks_whether_the_looker_still_sees_everything(table: Playing) -> None:
    await table.do("Gia", "member.roles", target=await member(table, "Pia"), input={"roles": ["gm"]})
    header = await eyes(table, "Mira", "Pia")
    assert (await table.call("Pia", "GET", "/feed", headers=header)).status_code == 200
    await table.do("Gia", "member.roles", target=await member(table, "Pia"), input={"roles": ["player"]})
    answer = await table.call("Pia", "GET", "/feed", headers=header)
    assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])
    await table.do("Gia", "member.remove", target=await member(table, "Pia"))
    assert (await table.call("Pia", "GET", "/feed", headers=header)).status_code == 404


async def test_the_eyes_are_the_others_as_they_are_now(table: Playing) -> None:
    header, crows = await eyes(table, "Pia"), await table.id_of("faction", "The Crows")
    bel = await table.id_of("character", "Bel")

    async def plot() -> bool:
        seen = await table.call("Gia", "GET", f"/entities/{crows}", headers=header)
        return "plot" in seen.json()["data"]["fields"]

    assert not await plot()
    await table.do("Pia", "change_sides", actor=bel, input={"faction": crows})
    assert await plot()
    await table.do("Gia", "member.remove", target=await member(table, "Pia"))
    answer = await table.call("Gia", "GET", f"/entities/{crows}", headers=header)
    assert (answer.status_code, codes(answer)) == (403, ["bad_view_as"])
