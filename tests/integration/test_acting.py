import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.projection.verify import verify
from tests.playing import Playing
from tests.serving import codes
from tests.tables import ANSWERS


async def test_an_action_answers_with_what_its_principal_sees_of_it(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    crows = await table.id_of("faction", "The Crows")
    (first, *rest) = await table.do("Mira", "advance_plan", actor=hero, target=crows, input={"effort": 1})
    assert (first["type"], first["actor"], first["target"], first["input"]) == (
        "advance_plan", hero, crows, {"effort": 1},
    )  # fmt: skip
    assert "position" not in first
    assert rest == []
    changed = {(one["field"], one["before"], one["after"]) for one in first["changes"]}
    assert changed == {("coin", 2, 1), ("plan", 5, 6)}


async def test_a_preview_tells_the_same_and_leaves_nothing(table: Playing) -> None:
    crows = await table.id_of("faction", "The Crows")
    before = await table.tables()
    body: dict[str, Any] = {"input": {"name": "Cass", "faction": crows}}
    headers = {"Idempotency-Key": "a-key"}
    tried = await table.call("Mira", "POST", "/actions/join_as/preview", json=body, headers=headers)
    assert tried.status_code == 200
    assert await table.tables() == before
    done = await table.act("Mira", "join_as", **body)
    types = [[event["type"] for event in answer.json()["data"]["events"]] for answer in (tried, done)]
    assert types[0] == types[1] == ["join_as"]


async def test_an_answer_names_what_was_created_as_far_as_its_principal_sees_it(table: Playing) -> None:
    crows = await table.id_of("faction", "The Crows")
    body: dict[str, Any] = {"input": {"name": "Cass", "faction": crows}}
    first = await table.act("Mira", "join_as", key="once", **body)
    hero = await table.id_of("character", "Cass")
    assert first.json()["data"]["created"] == [{"id": hero, "kind": "character"}]
    again = await table.act("Mira", "join_as", key="once", **body)
    assert again.json()["data"]["created"] == first.json()["data"]["created"]
    clock = await table.id_of("clock", "The docks close")
    assert (await table.act("Gia", "tick_clock", target=clock)).json()["data"]["created"] == []


async def test_a_preview_of_what_is_refused_is_the_refusal(table: Playing) -> None:
    before = await table.tables()
    tried = await table.call("Mira", "POST", "/actions/start_clock/preview", json={"input": {}})
    done = await table.act("Mira", "start_clock")
    assert (tried.status_code, tried.content) == (done.status_code, done.content)
    assert await table.tables() == before


async def test_the_same_key_gives_the_stored_answer_and_is_done_once(table: Playing) -> None:
    crows = await table.id_of("faction", "The Crows")
    body: dict[str, Any] = {"input": {"name": "Cass", "faction": crows}}
    first = await table.act("Mira", "join_as", key="once", **body)
    stored = await table.tables()
    again = await table.act("Mira", "join_as", key="once", **body)
    assert again.json()["data"]["repeated"] is True
    assert again.json()["data"]["events"] == first.json()["data"]["events"]
    assert await table.tables() == stored


async def test_a_refusal_is_stored_too(table: Playing) -> None:
    hero, other = await table.character("Mira", "Cass"), await table.character("Pia", "Bel")
    body: dict[str, Any] = {"actor": hero, "target": other, "input": {"coin": 3}}
    first = await table.act("Mira", "give_coin", key="give", **body)
    assert (first.status_code, codes(first)) == (422, ["invariant_broken"])
    await table.do("Pia", "give_coin", actor=other, target=hero, input={"coin": 1})  # now it could be done
    again = await table.act("Mira", "give_coin", key="give", **body)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (await table.act("Mira", "give_coin", key="other", **body)).status_code == 200


@pytest.mark.parametrize("other", [{"input": {"ticks": 2}}, {"occurred_at": "2026-05-01T12:00:00Z"}])
async def test_the_same_key_with_another_body_is_refused(table: Playing, other: dict[str, Any]) -> None:
    clock = await table.id_of("clock", "The docks close")
    await table.do("Gia", "tick_clock", key="tick", target=clock)
    before = await table.tables()
    answer = await table.act("Gia", "tick_clock", key="tick", target=clock, **other)
    assert (answer.status_code, codes(answer)) == (422, ["idempotency_key_reused"])
    assert await table.tables() == before


async def test_a_key_belongs_to_one_world_and_one_principal(table: Playing) -> None:
    crows = await table.id_of("faction", "The Crows")
    for who in ("Mira", "Pia"):
        events = await table.do(who, "join_as", key="shared", input={"name": who, "faction": crows})
        assert "repeated" not in events[0]
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Other"}, headers=table.players["Gia"]
    )
    other = Playing(table.server, made.json()["data"]["id"], table.players)
    clocks = [await one.id_of("clock", "The docks close") for one in (table, other)]
    for one, clock in zip((table, other), clocks, strict=True):
        answer = await one.act("Gia", "tick_clock", key="tick", target=clock)
        assert answer.json()["data"]["repeated"] is False


async def test_requests_at_once_with_one_key_are_done_once(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    asked = [table.act("Gia", "tick_clock", key="tick", target=clock) for _ in range(8)]
    answers = [answer.json()["data"] for answer in await asyncio.gather(*asked)]
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * 7
    assert len({answer["events"][0]["id"] for answer in answers}) == 1
    assert (await table.all("Gia", "clock"))["The docks close"]["fields"]["ticks"] == 3


async def test_leaving_can_be_repeated_with_its_key(table: Playing) -> None:
    members = (await table.get("Mira", "/members")).json()["data"]
    mine = next(one["id"] for one in members if one["name"] == "Mira")
    first = await table.act("Mira", "member.remove", key="leave", target=mine)
    assert first.status_code == 200
    again = await table.act("Mira", "member.remove", key="leave", target=mine)
    assert (again.status_code, again.json()["data"]["repeated"]) == (200, True)
    assert (await table.get("Mira")).status_code == 404


async def test_a_stale_entity_tag_is_refused_and_a_fresh_one_taken(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    tag = (await table.get("Gia", f"/entities/{clock}")).headers["ETag"]
    assert (await table.act("Gia", "tick_clock", target=clock, headers={"If-Match": tag})).status_code == 200
    before = await table.tables()
    stale = await table.act("Gia", "tick_clock", key="stale", target=clock, headers={"If-Match": tag})
    assert (stale.status_code, codes(stale)) == (412, ["stale"])
    assert await table.tables() == before
    fresh = (await table.get("Gia", f"/entities/{clock}")).json()["data"]["etag"]
    answer = await table.act("Gia", "tick_clock", key="stale", target=clock, headers={"If-Match": f'"{fresh}"'})
    assert answer.status_code == 200
    anything = await table.act("Gia", "tick_clock", target=clock, headers={"If-Match": "*"})
    assert anything.status_code == 200


async def test_a_stale_view_is_answered_with_the_present_and_with_what_happened_since(table: Playing) -> None:
    clock, crows = await table.id_of("clock", "The docks close"), await table.id_of("faction", "The Crows")
    looked = (await table.get("Gia", f"/entities/{clock}")).json()
    for action, target, asked in (("tick_clock", clock, {"ticks": 1}), ("set_plot", crows, {"plot": "A new one"})):
        await table.do("Gia", action, target=target, input=asked)
    headers, since = {"If-Match": f'"{looked["data"]["etag"]}"'}, looked["meta"]["cursor"]
    stale = (await table.act("Gia", "tick_clock", target=clock, headers=headers, since=since)).json()
    assert stale["present"] == (await table.get("Gia", f"/entities/{clock}")).json()["data"]
    assert [event["type"] for event in stale["events"]] == ["set_plot", "tick_clock"]
    again = (await table.act("Gia", "tick_clock", target=clock, headers=headers, since=stale["meta"]["cursor"])).json()
    assert again["events"] == []
    unasked = (await table.act("Gia", "tick_clock", target=clock, headers=headers)).json()
    assert unasked["present"] == stale["present"]
    assert "events" not in unasked


async def test_of_what_happened_since_one_is_told_what_one_may_see(table: Playing) -> None:
    mine = await table.character("Mira", "Cass")
    looked = (await table.get("Mira", f"/entities/{mine}")).json()
    await table.do("Gia", "set_plot", target=await table.id_of("faction", "The Lanterns"), input={"plot": "Hidden"})
    await table.do("Mira", "keep_secret", actor=mine, input={"secret": "afraid of water"})
    match, since = {"If-Match": f'"{looked["data"]["etag"]}"'}, looked["meta"]["cursor"]
    stale = (await table.act("Mira", "retire", target=mine, headers=match, since=since)).json()
    assert stale["present"]["fields"]["secret"] == "afraid of water"
    assert [event["type"] for event in stale["events"]] == ["keep_secret"]


@pytest.mark.parametrize("whose", ["another's", "another world's", "altered", "a page's", "made up"])
async def test_since_takes_only_cursors_that_its_sender_was_given(table: Playing, whose: str) -> None:
    clock = await table.id_of("clock", "The docks close")
    read = (await table.get("Gia", "/feed?limit=1")).json()["meta"]
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Another"}, headers=table.players["Gia"]
    )
    other = Playing(table.server, made.json()["data"]["id"], table.players)
    since = {
        "another's": (await table.get("Mira", "/feed")).json()["meta"]["cursor"],
        "another world's": (await other.get("Gia", "/feed")).json()["meta"]["cursor"],
        "altered": read["cursor"][:-2] + ("AA" if read["cursor"][-2:] != "AA" else "BB"),
        "a page's": read["next"],
        "made up": "nonsense",
    }[whose]
    answer = await table.act("Gia", "tick_clock", target=clock, since=since)
    assert (answer.status_code, codes(answer)) == (422, ["bad_cursor"])
    assert answer.json()["errors"][0]["field"] == "since"


async def test_what_cannot_be_seen_does_not_change_the_entity_tag(table: Playing) -> None:
    crows = await table.id_of("faction", "The Crows")
    tags = {who: (await table.get(who, f"/entities/{crows}")).headers["ETag"] for who in ("Gia", "Mira", "Pia")}
    assert len(set(tags.values())) == 3  # one cannot be compared with another's
    table.server.clock.advance(timedelta(minutes=1))
    await table.do("Gia", "set_plot", target=crows, input={"plot": "Something else"})
    now = {who: (await table.get(who, f"/entities/{crows}")).headers["ETag"] for who in tags}
    assert {who for who, tag in tags.items() if now[who] != tag} == {"Gia"}


async def test_events_are_recorded_later_and_later_under_a_clock_that_stands(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    for _ in range(3):
        await table.do("Gia", "tick_clock", target=clock)
    seen = await table.feed("Gia")
    moments = [event["at"] for event in seen]
    assert moments == sorted(set(moments), reverse=True)
    assert [event["position"] for event in seen] == list(range(len(seen), 0, -1))


async def test_a_refusal_leaves_its_stored_answer_alone(table: Playing) -> None:
    before = await table.tables(*ANSWERS)
    answer = await table.act("Mira", "start_clock", key="no", input={"name": "Doom", "stakes": "all"})
    assert (answer.status_code, codes(answer)) == (403, ["denied"])
    assert await table.tables(*ANSWERS) == before
    assert len((await table.tables())["idempotent_answers"]) == 1


@pytest.mark.parametrize("weight", [1e16, 1e17, -1e300, 1e-9, 0.1, 2.0, 3, 1.7976931348623157e308, 5e-324, -0.0])
async def test_numbers_of_any_size_stay_what_they_are(table: Playing, weight: float) -> None:
    hero = await table.character("Mira", "Cass")
    for value in (weight, 1.5, weight):
        await table.do("Mira", "weigh", actor=hero, input={"weight": value})
        seen = (await table.get("Mira", f"/entities/{hero}")).json()["data"]["fields"]
        assert seen["weight"] == value
        assert (await table.feed("Mira"))[0]["input"]["weight"] == value
    state = table.server.app.state
    async with state.context.units.read() as unit:
        await verify(unit, table.world, state.packs)


async def test_an_owner_is_somebody(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    before = await table.tables(*ANSWERS)
    for user in ("x" * 300, "somebody", "x" * 5000):
        answer = await table.act("Mira", "give_away", actor=hero, input={"user": user})
        assert (answer.status_code, codes(answer)) == (404, ["not_found"])
    assert await table.tables(*ANSWERS) == before
