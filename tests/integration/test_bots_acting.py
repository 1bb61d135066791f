import asyncio
from typing import Any

import httpx2
import pytest

from tests.keyed import Bot, bearer, bot_of
from tests.playing import NOWHERE, QUAY, YAML, Playing
from tests.serving import Serving, codes

COUNTS = ("bot_key_counts", "bot_keys")


@pytest.fixture
async def crow(server: Serving, table: Playing) -> Bot:
    """A bot of Otto's, who is no member, in the world as a player."""
    bot = await bot_of(server, table.players["Otto"])
    added = await table.call("Gia", "POST", "/members", json={"bot": bot.id})
    assert added.status_code == 200, added.text
    return bot


async def another_world(table: Playing, crow: Bot) -> str:
    """Return the id of another world in which the bot is a member; `wide` is a key of it for both."""
    made = await create_world(table, "Gia")
    first, table.world = table.world, str(made.json()["data"]["id"])
    await table.call("Gia", "POST", "/members", json={"bot": crow.id})
    other, table.world = table.world, first
    table.players["wide"] = await crow.key()
    return other


async def create_world(table: Playing, who: str) -> httpx2.Response:
    """Ask for another world of the quay pack."""
    body = {"pack": "quay", "title": "Another"}
    return await table.server.client.post("/api/v1/worlds", json=body, headers=table.players[who])


async def test_a_bot_acts_as_itself_and_owns_what_it_makes(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key()
    hero = await table.character("Crow", "Corvin")
    event = (await table.feed("Mira", 1))[0]
    assert (event["by"]["kind"], event["by"]["id"], event["narrative"]) == ("bot", crow.id, "Corvin arrives")
    assert (await table.get("Crow", f"/entities/{hero}")).json()["data"]["owner"] == crow.id
    members = (await table.get("Gia", "/members")).json()["data"]
    assert [one["name"] for one in members if one["user"] == crow.id] == ["Crow"]


async def test_what_its_owner_may_do_a_bot_may_not(table: Playing) -> None:
    owned = await bot_of(table.server, table.players["Gia"])
    table.players["Crow"] = await owned.key()
    assert (await table.get("Crow")).status_code == 404
    assert (await table.get("Otto")).status_code == 404


async def test_a_bot_is_added_by_who_manages_and_by_its_id_alone(table: Playing, crow: Bot) -> None:
    async def add(who: str, **body: Any) -> list[str]:
        return codes(await table.call(who, "POST", "/members", json=body))

    assert await add("Gia", bot=NOWHERE) == ["not_found"]
    assert await add("Gia", bot="crow") == ["not_found"]
    assert await add("Gia") == ["invalid"]
    assert await add("Gia", bot=crow.id, email="otto@example.org") == ["invalid"]
    assert await add("Gia", bot=crow.id) == ["requirement_failed"]
    # Whether there is one, others are not told.
    assert [await add("Mira", bot=one) for one in (crow.id, NOWHERE)] == [["denied"], ["denied"]]
    await crow.call("DELETE")
    assert await add("Gia", bot=crow.id) == ["not_found"]


async def test_a_key_for_other_worlds_finds_none(table: Playing, crow: Bot) -> None:
    other = await another_world(table, crow)
    clock = (await table.do("Gia", "start_clock", input={"name": "Storm", "stakes": "?"}))[0]["id"]
    await table.do("wide", "divide", key="k", input={"by": 3})
    table.players["Crow"] = await crow.key(worlds=[other])
    paths = (
        "",
        "/entities?kind=clock",
        "/feed",
        "/members",
        "/actions",
        f"/events/{clock}",
        "/entities?kind=clock&total=true",
    )
    for path in paths:
        assert (await table.get("wide", path)).status_code == 200, path
        answer = await table.get("Crow", path)
        assert (answer.status_code, codes(answer)) == (404, ["not_found"]), path
    # What the same bot was answered there once is not repeated either.
    assert (await table.act("Crow", "divide", key="k", input={"by": 3})).status_code == 404
    batch = await table.call("Crow", "POST", "/actions/batch", json={"actions": [{"action": "echo"}]})
    assert [one["status"] for one in batch.json()["data"]] == [404]
    listed = (await table.server.client.get("/api/v1/worlds", headers=table.players["Crow"])).json()["data"]
    assert [one["id"] for one in listed] == [other]
    table.world = other
    assert (await table.get("Crow")).status_code == 200


async def test_who_comes_with_a_key_for_other_worlds_is_refused_alone(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key(worlds=[NOWHERE])
    assert (await table.get("Crow", "/feed")).status_code == 404  # from here on it is known whose key it is
    await table.do("Gia", "world.configure", input={"title": "Otherwise"})  # and it is not known who sees what
    # All but the first are worked out together, since they come while that one is under way.
    answers = await asyncio.gather(*(table.get(who, "/feed") for who in ("Gia", "Crow", "Mira", "Pia")))
    assert [answer.status_code for answer in answers] == [200, 404, 200, 200]


async def test_a_key_for_some_actions_is_good_for_no_others(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key(actions=["join_as", "member.*"])
    before = await table.tables(*COUNTS)
    echo = {"action": "echo"}
    for answer in (
        await table.act("Crow", "echo", key="k"),
        await table.call("Crow", "POST", "/actions/echo/preview", json={}),
        await table.call("Crow", "POST", f"/events/{NOWHERE}/undo", json={}),
        await table.call("Crow", "PATCH", "", json={"title": "Mine"}),
    ):
        assert (answer.status_code, codes(answer)) == (403, ["insufficient_scope"])
    each = await table.call("Crow", "POST", "/actions/batch", json={"actions": [echo, echo]})
    assert [(one["status"], one["errors"][0]["code"]) for one in each.json()["data"]] == [
        (403, "insufficient_scope")
    ] * 2
    joining = {"action": "join_as", "input": {"name": "Corvin", "faction": await table.id_of("faction", "The Crows")}}
    whole = await table.call("Crow", "POST", "/actions/batch", json={"atomic": True, "actions": [joining, echo]})
    assert (whole.status_code, codes(whole), whole.json()["index"]) == (403, ["insufficient_scope"], 1)
    assert await table.tables(*COUNTS) == before
    await table.character("Crow", "Corvin")
    told = {one["action"]: one["allowed"] for one in (await table.get("Crow", "/actions")).json()["data"]}
    assert (told["join_as"], told["echo"]) == ("yes", "no")


async def test_a_refusal_by_the_key_is_not_kept_for_another_key(table: Playing, crow: Bot) -> None:
    table.players |= {"narrow": await crow.key(reads_only=True), "wide": await crow.key()}
    assert (await table.act("narrow", "divide", key="k", input={"by": 3})).status_code == 403
    assert (await table.act("wide", "divide", key="k", input={"by": 3})).status_code == 200


async def test_a_key_that_reads_changes_nothing(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key(reads_only=True)
    before = await table.tables(*COUNTS)
    assert (await table.get("Crow", "/feed")).status_code == 200
    assert codes(await table.act("Crow", "join_as", input={"name": "Corvin"})) == ["insufficient_scope"]
    assert await table.tables(*COUNTS) == before


async def test_what_is_done_with_a_key_for_proposals_waits_for_an_approval(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key(proposals_only=True)
    before = await table.tables(*COUNTS)
    wish = {"input": {"name": "Corvin", "faction": await table.id_of("faction", "The Crows")}}
    asked = await table.call("Crow", "POST", "/actions/join_as?explain=true", json=wish)
    assert (asked.status_code, codes(asked)) == (403, ["approval_required"])
    assert asked.json()["errors"][0]["message"] == "this needs the approval of: Game master"
    assert [(one["rule"], one["holds"]) for one in asked.json()["explanation"]["rules"]][-1] == ("approval", False)
    # What the rules refuse anyway cannot be proposed.
    assert codes(await table.act("Crow", "start_clock", input={"name": "Storm", "stakes": "?"})) == ["denied"]
    assert await table.tables(*COUNTS) == before
    told = {one["action"]: one["allowed"] for one in (await table.get("Crow", "/actions")).json()["data"]}
    assert told["join_as"] == "depends"


async def test_a_bot_makes_no_worlds_and_stores_no_packs(table: Playing, crow: Bot) -> None:
    table.players["Crow"] = await crow.key()
    (member,) = (one for one in (await table.get("Gia", "/members")).json()["data"] if one["user"] == crow.id)
    assert (await table.call("Gia", "PATCH", f"/members/{member['id']}", json={"roles": ["gm"]})).status_code == 200
    before = await table.tables(*COUNTS)
    headers = {**table.players["Crow"], **YAML}
    assert codes(await create_world(table, "Crow")) == ["denied"]
    assert codes(await table.server.client.post("/api/v1/packs", content=QUAY, headers=headers)) == ["denied"]
    assert codes(await table.call("Crow", "POST", "/fork", json={"title": "A fork"})) == ["denied"]
    assert await table.tables(*COUNTS) == before


async def test_to_upgrade_a_world_is_an_action_of_the_key_too(table: Playing, crow: Bot) -> None:
    for limits in ({"actions": ["echo"]}, {"reads_only": True}, {"proposals_only": True}):
        table.players["Crow"] = await crow.key(**limits)
        assert codes(await table.call("Crow", "POST", "/upgrade", json={})) == ["insufficient_scope"]
    table.players["Crow"] = await crow.key(actions=["world.upgrade"])
    assert codes(await table.call("Crow", "POST", "/upgrade", json={})) == ["denied"]


async def test_events_say_by_which_key_a_bot_acted_to_who_manages_the_world_and_to_itself(
    table: Playing, crow: Bot
) -> None:
    keys = [await crow.mint(), await crow.mint()]
    done = [await _divided(table, key) for key in keys]
    assert [event["by"] for event in done] == [{"kind": "bot", "id": crow.id, "key": key["id"]} for key in keys]
    for who, seen in (("Gia", True), ("Crow", True), ("Mira", False)):
        told = [event["by"] for event in await table.feed(who) if event["type"] == "divide"]
        expected = [{"kind": "bot", "id": crow.id} | ({"key": key["id"]} if seen else {}) for key in reversed(keys)]
        assert told == expected, who
        event = (await table.get(who, f"/events/{done[-1]['id']}")).json()["data"]
        assert event["by"] == expected[0]
    await table.do("Mira", "divide", input={"by": 3})
    assert [set(event["by"]) for event in await table.feed("Gia", 1)] == [{"kind", "id"}]


async def _divided(table: Playing, key: dict[str, Any]) -> dict[str, Any]:
    """Act with a key, and return the event."""
    table.players["Crow"] = bearer(key)
    return (await table.do("Crow", "divide", input={"by": 3}))[0]
