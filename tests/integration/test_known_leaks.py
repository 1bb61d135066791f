"""A catalogue of leaks that other systems have had, each by its name: what looking tells of what is hidden."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.comparing import Haunted, comparable, haunted, looked, stays_the_same
from tests.playing import NOWHERE
from tests.serving import codes, serving


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Haunted]:
    """Yield the world of the leaks."""
    async with serving(database_url) as server:
        yield await haunted(server)


async def doomed(world: Haunted) -> None:
    await world.table.do("Gia", "doom", target=world.mira, input={"doom": 7})


async def inscribed(world: Haunted) -> None:
    await world.table.do("Gia", "inscribe", target=world.lamps, input={"motto": "Dusk", "ledger": "blue"})


async def one_more_hidden(world: Haunted) -> None:
    await world.table.do("Gia", "haunt", input={"name": "more", "level": 3, "shown": False, "hero": world.mira})


async def one_less_hidden(world: Haunted) -> None:
    await world.table.do("Gia", "banish", target=world.hidden[1])


async def lucky(world: Haunted) -> None:
    for _ in range(2):  # fills the meter, which sets off a reaction
        await world.table.do("Gia", "favor", target=world.mira)


async def left(world: Haunted) -> None:
    await world.table.do("Mira", "leave_guild", actor=world.mira)


HIDDEN: list[Callable[[Haunted], Awaitable[None]]] = [
    doomed, inscribed, one_more_hidden, one_less_hidden, lucky, left,
]  # fmt: skip


@pytest.mark.parametrize("happens", HIDDEN)
async def test_what_happens_in_secret_changes_no_byte_of_any_answer(
    world: Haunted, happens: Callable[[Haunted], Awaitable[None]]
) -> None:
    async def meanwhile() -> None:
        world.table.server.clock.advance(timedelta(minutes=5))
        await happens(world)

    assert await looked(world.table, "Gia", ["/feed"]) != await looked(world.table, "Pia", ["/feed"])
    await stays_the_same(world.table, "Pia", world.paths, meanwhile)


async def test_etag_oracle_a_hidden_change_keeps_tag_time_and_if_match(world: Haunted) -> None:
    table = world.table
    before = (await table.get("Pia", f"/entities/{world.mira}")).json()["data"]
    table.server.clock.advance(timedelta(minutes=5))
    for happens in (doomed, lucky, left):
        await happens(world)
    after = (await table.get("Pia", f"/entities/{world.mira}")).json()["data"]
    assert (after["etag"], after["updated_at"]) == (before["etag"], before["updated_at"])
    guarded = await table.act("Pia", "praise", target=world.mira, headers={"If-Match": f'"{before["etag"]}"'})
    assert guarded.status_code == 200


async def test_revision_oracle_nothing_counts_the_changes(world: Haunted) -> None:
    await doomed(world)
    for path in world.paths:
        told = (await world.table.get("Pia", path)).text
        assert not any(f'"{word}"' in told for word in ("revision", "position", "since", "facet", "keys")), path


async def test_error_text_oracle_a_hidden_id_is_answered_as_an_unknown_one(world: Haunted) -> None:
    table = world.table
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/entities/@", {}),
        ("GET", "/entities/@/allowed", {}),
        ("GET", "/actions?actor=@", {}),
        ("POST", "/actions/address", {"json": {"target": "@"}}),
        ("POST", "/actions/address/preview", {"json": {"target": "@"}}),
        ("POST", "/actions/address?explain=true", {"json": {"target": "@"}}),
        ("POST", "/actions/praise", {"json": {"target": "@"}}),
        ("POST", "/actions/train", {"json": {"actor": "@"}}),
        ("POST", "/actions/join_as", {"json": {"input": {"name": "x", "guild": "@"}}}),
        ("POST", "/actions/address", {"json": {"target": "@"}, "headers": {"If-Match": '"0123"'}}),
    ]
    for method, path, parts in asked:
        answers = []
        for key in (world.hidden[0], NOWHERE):
            told = json.loads(json.dumps(parts).replace("@", key))
            answer = await table.call("Pia", method, path.replace("@", key), **told)
            answers.append((answer.status_code, answer.content.replace(key.encode(), b"")))
        assert answers[0] == answers[1], path


async def test_deleted_entities_are_unknown_ones_even_to_who_had_them(world: Haunted) -> None:
    table = world.table
    await table.do("Pia", "retire", actor=world.pia)
    for who in ("Pia", "Mira"):
        gone = await table.get(who, f"/entities/{world.pia}")
        assert gone.content == (await table.get(who, f"/entities/{NOWHERE}")).content
        assert world.pia not in (await table.get(who, "/entities?kind=hero")).text


async def test_page_size_oracle_hidden_rows_never_shorten_a_page(world: Haunted) -> None:
    table = world.table
    for limit in (1, 2, 3):
        page = (await table.get("Pia", f"/entities?kind=ghost&limit={limit}")).json()
        assert len(page["data"]) == limit
        assert (page["meta"].get("next") is not None) == (limit < 3)
    for limit in range(1, 6):
        assert len(await table.feed("Pia", limit)) == min(limit, len(await table.feed("Pia")))


async def test_cursor_gap_a_page_says_that_more_follows_only_where_more_is_seen(world: Haunted) -> None:
    table = world.table
    whole = await table.feed("Pia")
    last = (await table.get("Pia", f"/feed?limit={len(whole)}")).json()
    assert last["data"] == whole
    assert last["meta"].get("next") is None  # although there is more before it, which is hidden


async def test_cursor_length_does_not_tell_how_far_apart_what_is_seen_lies(world: Haunted) -> None:
    table = world.table
    lengths = set()
    for _ in range(3):
        lengths.add(len((await table.get("Pia", "/feed?limit=1")).json()["meta"]["next"]))
        for _ in range(4):
            await doomed(world)
        await table.do("Pia", "train", actor=world.pia)
    assert len(lengths) == 1


async def test_cursor_forgery_every_altered_character_is_one_and_the_same_error(world: Haunted) -> None:
    cursor = (await world.table.get("Pia", "/feed?limit=1")).json()["meta"]["next"]
    altered = [cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(0, len(cursor), 7)]
    foreign = (await world.table.get("Gia", "/feed?limit=1")).json()["meta"]["next"]
    answers = [await world.table.get("Pia", f"/feed?cursor={one}") for one in (*altered, foreign, cursor[:-4], "x")]
    assert {(answer.status_code, *codes(answer)) for answer in answers} == {(422, "bad_cursor")}
    assert len({answer.content for answer in answers}) == 1


async def test_timestamp_gaps_one_action_is_one_moment_however_much_of_it_is_hidden(world: Haunted) -> None:
    table = world.table
    await table.do("Gia", "strike", target=world.mira)
    (thunder, *_) = await table.feed("Pia")
    assert thunder["type"] == "thunder"
    moments = {event["at"] for event in (await table.feed("Gia"))[:2]}
    assert moments == {thunder["at"]}


async def test_hidden_cause_is_not_named_nor_are_its_actor_or_narrative(world: Haunted) -> None:
    table = world.table
    await table.do("Gia", "strike", target=world.mira)
    (thunder, *_) = await table.feed("Pia")
    hidden = (await table.feed("Gia"))[1]
    assert hidden["type"] == "strike"
    assert "cause" not in thunder
    assert "changes" not in thunder
    assert hidden["id"] not in str(await table.feed("Pia"))
    assert "in secret" not in (await table.get("Pia", "/feed")).text


async def test_narrative_is_for_the_audience_of_its_event_and_the_change_for_that_of_its_field(world: Haunted) -> None:
    table = world.table
    await table.do("Mira", "whisper", actor=world.mira, input={"secret": "I am the heir"})
    shown = (await table.feed("Pia"))[0]
    assert shown["narrative"] == "Cass whispers"
    assert not {"input", "changes"} & shown.keys()
    for path in world.paths:
        assert "heir" not in (await table.get("Pia", path)).text


async def test_meter_events_of_a_hidden_meter_are_hidden(world: Haunted) -> None:
    await lucky(world)
    assert "meter.filled" in {event.get("type") for event in await world.table.feed("Gia")}
    for who in ("Mira", "Pia"):
        feed = await world.table.feed(who)
        assert not any(str(event.get("type")).startswith("meter.") for event in feed)
        assert "luck" not in str(feed)


async def test_owner_shown_nowhere_where_the_owner_is_hidden(world: Haunted) -> None:
    table = world.table
    mira = (await table.all("Gia", "hero"))["Cass"]["owner"]
    (joined,) = [event for event in await table.feed("Pia") if event.get("narrative") == "Cass arrives"]
    assert "owner" not in (await table.get("Pia", f"/entities/{world.mira}")).json()["data"]
    assert "@owner" not in str(joined)
    heroes = (await table.get("Pia", "/entities?kind=hero")).text
    assert mira not in heroes


@pytest.mark.parametrize("who", ["Gia", "Mira", "Pia"])
async def test_list_get_and_feed_agree_on_every_field_of_every_entity(world: Haunted, who: str) -> None:
    table = world.table
    await table.do("Mira", "whisper", actor=world.mira, input={"secret": "shh"})
    await inscribed(world)
    lists = [(await table.get(who, f"/entities?kind={kind}")).json()["data"] for kind in ("hero", "ghost", "guild")]
    seen = {one["id"]: one for listed in lists for one in listed}
    for key, listed in seen.items():
        assert (await table.get(who, f"/entities/{key}")).json()["data"] == listed
    changes = [change for event in await table.feed(who) for change in event.get("changes", ())]
    newest = {(one["entity"], one["field"]): one.get("after") for one in reversed(changes)}
    told = {place: value for place, value in newest.items() if place[0] in seen and not place[1].startswith("@")}
    assert told
    assert told == {place: seen[place[0]]["fields"].get(place[1]) for place in told}


async def test_headers_tell_nothing_beside_the_body(world: Haunted) -> None:
    answers = [await world.table.get("Pia", f"/entities/{key}") for key in (world.hidden[0], NOWHERE)]
    assert comparable(answers[0]) == comparable(answers[1])
    assert len({answer.headers["content-length"] for answer in answers}) == 1
