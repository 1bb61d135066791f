"""Who sees what over HTTP: facets, groups, names in the feed, public and open worlds, pages."""

from typing import Any

import pytest

from tests.playing import NOWHERE, Playing, play
from tests.serving import Serving, codes


async def fields(table: Playing, who: str | None, key: str) -> dict[str, Any]:
    """Return what somebody sees of an entity."""
    answer = await table.get(who, f"/entities/{key}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]["fields"]
    return found


async def test_joining_a_group_opens_its_facet_and_leaving_closes_it(table: Playing) -> None:
    crows, lanterns = [await table.id_of("faction", name) for name in ("The Crows", "The Lanterns")]
    assert "plot" not in await fields(table, "Mira", crows)
    hero = await table.character("Mira", "Cass", "The Crows")
    assert (await fields(table, "Mira", crows))["plot"] == "They mean to own the lighthouse"
    assert "plot" not in await fields(table, "Pia", crows)
    await table.do("Mira", "change_sides", actor=hero, input={"faction": lanterns})
    assert "plot" not in await fields(table, "Mira", crows)
    await table.do("Mira", "change_sides", actor=hero, input={"faction": crows})
    assert "plot" in await fields(table, "Mira", crows)
    await table.do("Mira", "retire", actor=hero)
    assert "plot" not in await fields(table, "Mira", crows)
    assert "plot" in await fields(table, "Gia", crows)


async def test_a_secret_is_for_its_owner_and_the_game_master(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "I am the heir"})
    for who, sees in (("Mira", True), ("Gia", True), ("Pia", False)):
        assert ((await fields(table, who, hero)).get("secret") == "I am the heir") is sees
        feed = await table.get(who, "/feed")
        assert ("I am the heir" in feed.text) is sees
        listed = await table.get(who, "/entities?kind=character")
        assert ("I am the heir" in listed.text) is sees


async def test_the_input_is_shown_to_who_acted_alone(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "shh"})
    shown = {who: (await table.feed(who))[0] for who in ("Mira", "Pia", "Gia")}
    assert all(event["type"] == "keep_secret" for event in shown.values())
    assert shown["Mira"]["input"] == {"secret": "shh"}
    assert "input" not in shown["Pia"]
    assert "changes" not in shown["Pia"]
    assert shown["Gia"]["input"] == {"secret": "shh"}  # sees everything


async def test_a_hidden_cause_and_a_hidden_target_are_not_named(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Gia", "lay_trap", target=hero, input={"name": "A loose plank"})
    before = await table.feed("Mira")
    assert "lay_trap" not in {event.get("type") for event in before}
    trap = await table.id_of("trap", "A loose plank")
    await table.do("Gia", "spring_trap", target=trap)
    new = [event for event in await table.feed("Mira") if event["id"] not in {one["id"] for one in before}]
    (sprung,) = [event for event in new if event.get("type") == "trap.sprung"]
    assert (sprung["target"], sprung["narrative"]) == (hero, "A trap springs")
    assert "cause" not in sprung
    (changed,) = [event for event in new if "changes" in event]
    assert [(one["field"], one["after"]) for one in changed["changes"]] == [("mood", "shaken")]
    assert set(changed) == {"id", "at", "changes"}
    assert trap not in str(new)
    seen = await table.feed("Gia")
    assert next(event for event in seen if event.get("type") == "trap.sprung")["cause"] == changed["id"]


async def test_a_position_is_for_those_who_see_everything(table: Playing) -> None:
    assert all("position" in event for event in await table.feed("Gia"))
    assert not any("position" in event for event in await table.feed("Mira"))


async def test_a_deleted_entity_is_gone_for_all_but_those_who_see_everything(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Mira", "retire", actor=hero)
    for who in ("Mira", "Pia"):
        answer = await table.get(who, f"/entities/{hero}")
        assert answer.content == (await table.get(who, f"/entities/{NOWHERE}")).content
    assert (await table.get("Gia", f"/entities/{hero}")).json()["data"]["deleted"] is True
    assert await table.all("Gia", "character") == {}


async def test_a_closed_world_is_not_there_for_strangers(table: Playing) -> None:
    other = Playing(table.server, NOWHERE, table.players)
    for who in ("Otto", None):
        for path in ("", "/feed", "/entities?kind=faction", f"/entities/{NOWHERE}", "/actions", "/members"):
            here, nowhere = await table.get(who, path), await other.get(who, path)
            assert (here.status_code, here.content) == (404, nowhere.content)


async def test_a_public_world_shows_everyone_what_is_for_everyone(server: Serving) -> None:
    table = await play(server, public=True)
    hero = await table.character("Mira", "Cass")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "shh"})
    for who in ("Otto", None):
        assert (await table.get(who)).json()["data"]["roles"] == []
        assert set(await fields(table, who, hero)) == {"name", "faction", "coin"}
        assert list(await table.all(who, "deck")) == list(await table.all(who, "member")) == []
        events = await table.feed(who)
        assert "shh" not in str(events)
        (arrived,) = [event for event in events if event.get("type") == "join_as"]
        assert arrived["narrative"] == "Cass arrives"
        assert "by" not in arrived
    denied = await table.act("Otto", "echo")
    assert (denied.status_code, codes(denied)) == (403, ["denied"])


async def test_an_open_world_lets_people_join_and_shows_nothing_before(server: Serving) -> None:
    table = await play(server, joining="open")
    assert (await table.get(None)).status_code == 404
    assert (await table.get("Otto")).json()["data"]["title"] == "Tuesdays"
    assert await table.all("Otto", "faction") == {}
    assert await table.feed("Otto") == []
    (joined, *_) = await table.do("Otto", "member.join")
    assert joined["narrative"] == "Otto joins"
    assert set(await table.all("Otto", "faction")) == {"The Crows", "The Lanterns"}
    again = await table.act("Otto", "member.join")
    assert (again.status_code, codes(again)) == (403, ["denied"])


async def test_allowed_says_yes_no_and_on_what_it_depends(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    crows, lanterns = [await table.id_of("faction", name) for name in ("The Crows", "The Lanterns")]

    async def answers(who: str, path: str) -> dict[str, str]:
        found = (await table.get(who, path)).json()["data"]
        return {one["action"]: one["allowed"] for one in found}

    assert (await answers("Mira", f"/entities/{crows}/allowed?actor={hero}"))["advance_plan"] == "yes"
    assert (await answers("Mira", f"/entities/{lanterns}/allowed?actor={hero}"))["advance_plan"] == "no"
    assert (await answers("Mira", f"/entities/{crows}/allowed"))["advance_plan"] == "depends"  # on who acts
    assert (await answers("Mira", "/actions"))["start_clock"] == "no"
    assert (await answers("Gia", "/actions"))["start_clock"] == "yes"
    assert "world.create" not in await answers("Gia", "/actions")


@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("who", ["Gia", "Mira", "Pia"])
async def test_pages_have_no_gaps_and_no_doubles(table: Playing, who: str, limit: int) -> None:
    for number in range(6):
        await table.character(("Mira", "Pia")[number % 2], f"Number {number}")
    for path in ("/feed?", "/entities?kind=character&", "/members?"):
        whole = [one["id"] for one in (await table.get(who, f"{path}limit=100")).json()["data"]]
        seen: list[str] = []
        following: str | None = ""
        while following is not None:
            page = (await table.get(who, f"{path}limit={limit}{following and f'&cursor={following}'}")).json()
            assert len(page["data"]) <= limit
            seen += [one["id"] for one in page["data"]]
            following = page["meta"].get("next")
        assert seen == whole
        assert len(whole) >= 3


async def test_what_comes_in_meanwhile_does_not_shift_a_page(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    whole = [event["id"] for event in await table.feed("Mira")]
    first = (await table.get("Mira", "/feed?limit=2")).json()
    await table.do("Mira", "tick_clock", target=clock)
    rest = (await table.get("Mira", f"/feed?limit=100&cursor={first['meta']['next']}")).json()
    assert [event["id"] for event in first["data"] + rest["data"]] == whole


async def test_a_cursor_is_of_one_world_one_list_and_one_viewer(table: Playing) -> None:
    for name in ("Cass", "Dell"):
        await table.character("Mira", name)
    of_feed = (await table.get("Mira", "/feed?limit=1")).json()["meta"]["next"]
    of_list = (await table.get("Mira", "/entities?kind=faction&limit=1")).json()["meta"]["next"]
    altered = of_feed[:30] + ("A" if of_feed[30] != "A" else "B") + of_feed[31:]
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Other"}, headers=table.players["Mira"]
    )
    other = Playing(table.server, made.json()["data"]["id"], table.players)
    answers = [
        await table.get("Pia", f"/feed?cursor={of_feed}"),
        await table.get("Gia", f"/feed?cursor={of_feed}"),
        await table.get("Mira", f"/feed?cursor={of_list}"),
        await table.get("Mira", f"/entities?kind=faction&cursor={of_feed}"),
        await table.get("Mira", f"/feed?cursor={altered}"),
        await table.get("Mira", "/feed?cursor=nonsense"),
        await other.get("Mira", f"/feed?cursor={of_feed}"),
    ]
    assert {(answer.status_code, *codes(answer)) for answer in answers} == {(422, "bad_cursor")}
    assert len({answer.content for answer in answers}) == 1
