"""Upgrades over HTTP: who may have one, what is told of it before, and that worlds follow their pack if they shall."""

from typing import Any

from reality_engine.projection.verify import verify
from tests.playing import NOWHERE, QUAY, YAML, Playing
from tests.serving import Serving, codes

COIN = "coin:    {type: integer, default: 2, max: 20}"
NEXT = QUAY.replace("version: 1.0.0", "version: 1.1.0", 1).replace(
    COIN, f"{COIN}\n      luck: {{type: integer, default: 3}}"
)
POOR = (
    NEXT.replace("1.1.0", "1.2.0", 1).replace("max: 20}", "max: 1}").replace("default: 2, max: 1", "default: 1, max: 1")
)


async def upload(table: Playing, pack: str) -> None:
    answer = await table.server.client.post("/api/v1/packs", content=pack, headers={**table.players["Gia"], **YAML})
    assert answer.status_code == 201, answer.text


async def upgrade(table: Playing, who: str | None, **body: Any) -> Any:
    return await table.call(who, "POST", "/upgrade", json=body)


async def version(table: Playing) -> str:
    return str((await table.get("Gia")).json()["data"]["pack"]["version"])


async def test_it_is_planned_done_and_harmless_to_repeat(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await upload(table, NEXT)
    planned = (await upgrade(table, "Gia", version="1.1.0", plan=True)).json()["data"]
    assert (planned["outcome"], planned["refused"]) == ("planned", [])
    assert planned["differences"] == [
        {"what": "field", "name": "character.luck", "change": "added", "parts": [], "before": None}
    ]
    assert planned["happens"] == [
        {"kind": "character", "field": "luck", "what": "given its default", "entities": 1}
    ]  # fmt: skip
    assert planned["entities"]["character"] == 1
    assert await version(table) == "1.0.0"
    assert (await table.get("Gia", "/upgrade")).json()["data"] == planned
    done = await upgrade(table, "Gia")
    assert done.status_code == 200, done.text
    assert done.json()["data"] == {**planned, "outcome": "upgraded"}
    assert (await upgrade(table, "Gia")).json()["data"]["outcome"] == "unchanged"
    assert await version(table) == "1.1.0"
    seen = (await table.get("Mira", f"/entities/{hero}")).json()["data"]
    assert seen["fields"]["luck"] == 3
    newest = await table.feed("Mira")
    assert [event.get("type") for event in newest[:2]] == [None, "world.upgraded"]
    assert newest[0]["changes"] == [
        {"entity": hero, "kind": "character", "field": "luck", "before": None, "after": 3}
    ]  # fmt: skip
    assert "Gia takes the world from The quay 1.0.0 to 1.1.0" in newest[1]["narrative"]
    for event in newest:
        told = await table.get("Mira", f"/events/{event['id']}/explain")
        assert told.status_code == 200, told.text


async def test_only_who_manages_a_world_and_sees_everything_may(table: Playing) -> None:
    await upload(table, NEXT)
    for body in ({}, {"plan": True}, {"version": "9"}):
        assert codes(await upgrade(table, "Mira", **body)) == ["denied"]
        assert codes(await upgrade(table, "Otto", **body)) == ["not_found"]
        assert codes(await upgrade(table, None, **body)) == ["unauthenticated"]
    assert codes(await table.get("Mira", "/upgrade")) == ["denied"]
    assert codes(await table.get("Otto", "/upgrade")) == ["not_found"]
    assert codes(await upgrade(table, "Gia", version="9")) == ["not_found"]
    table.world = NOWHERE
    assert codes(await upgrade(table, "Gia")) == ["not_found"]


async def test_what_is_refused_is_told_whole_and_nothing_changes(table: Playing) -> None:
    await table.character("Mira", "Cass")
    await upload(table, POOR)
    before = await table.tables("sessions", "refresh_tokens")
    refused = await upgrade(table, "Gia")
    assert (refused.status_code, codes(refused)) == (409, ["out_of_bounds"])
    assert "character.coin is too large" in refused.json()["errors"][0]["message"]
    assert await table.tables("sessions", "refresh_tokens") == before


async def test_a_world_that_follows_its_pack_goes_on_by_itself(server: Serving, table: Playing) -> None:
    await table.character("Mira", "Cass")
    followers = server.app.state.library.stored.__self__
    await upload(table, NEXT)
    await followers.settle()
    assert await version(table) == "1.0.0"
    followed = await table.call("Gia", "PATCH", "", json={"upgrades": "follow"})
    assert followed.status_code == 200, followed.text
    assert (await table.get("Gia")).json()["data"]["upgrades"] == "follow"
    await upload(table, NEXT)
    await followers.settle()
    assert await version(table) == "1.1.0"
    assert (await table.feed("Mira"))[1]["by"]["kind"] == "world"
    await upload(table, POOR)
    await followers.settle()
    assert await version(table) == "1.1.0"
    assert (await table.get("Gia", "/upgrade")).json()["data"]["refused"][0]["code"] == "out_of_bounds"


async def test_the_past_is_read_as_it_was_but_for_what_was_closed(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Gia", "lay_trap", target=hero, input={"name": "A loose plank"})
    await table.do("Gia", "spring_trap", target=await table.id_of("trap", "A loose plank"))
    was = (await table.get("Mira", f"/entities/{hero}")).json()
    assert (was["data"]["fields"]["mood"], was["data"]["fields"]["coin"]) == ("shaken", 2)
    mine = was["meta"]["cursor"]
    hers = (await table.get("Gia", f"/entities/{hero}")).json()["meta"]["cursor"]
    closed = (
        QUAY.replace("version: 1.0.0", "version: 2.0.0", 1)
        .replace("mood:    {type: text, visible_to: [members]}", "mood:    {type: text, visible_to: [gm]}")
        .replace("    discloses: [actor.secret]\n", "")
        .replace("coin", "silver")
    )
    entry = "upgrades: [{from: 1.0.0, rename: {fields: {character.coin: silver}}}]\n"
    await upload(table, f"{closed}\n{entry}")
    done = await upgrade(table, "Gia")
    assert done.status_code == 200, done.text
    audiences = done.json()["data"]["audiences"]
    assert [(one["of"], one["closes"], one["opens"]) for one in audiences] == [("character.mood", True, False)]
    now = (await table.get("Mira", f"/entities/{hero}")).json()["data"]["fields"]
    assert now["silver"] == 2
    assert not {"coin", "mood"} & now.keys()
    for path in (f"/entities/{hero}?as_of=", "/entities?kind=character&as_of="):
        fields = await then(table, "Mira", path + mine)
        assert fields["coin"] == 2
        assert not {"silver", "mood"} & fields.keys()
        assert (await then(table, "Gia", path + hers))["mood"] == "shaken"


async def test_the_past_of_what_may_be_concealed_by_another_name_is_closed(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    await table.do("Gia", "lay_trap", target=hero, input={"name": "A loose plank"})
    await table.do("Gia", "spring_trap", target=await table.id_of("trap", "A loose plank"))
    was = (await table.get("Mira", f"/entities/{hero}")).json()
    mine, hers = was["meta"]["cursor"], (await table.get("Gia", f"/entities/{hero}")).json()["meta"]["cursor"]
    assert was["data"]["fields"]["mood"] == "shaken"
    hush = """  hush:
    target: character
    allow: "'gm' in me.roles"
    effects: [{conceal: {field: target.temper}}]
    visible_to: [gm]
"""
    concealing = QUAY.replace("version: 1.0.0", "version: 2.0.0", 1).replace("mood", "temper")
    concealing = concealing.replace("actions:\n", f"actions:\n{hush}", 1)
    await upload(table, f"{concealing}\nupgrades: [{{from: 1.0.0, rename: {{fields: {{character.mood: temper}}}}}}]\n")
    done = await upgrade(table, "Gia")
    assert done.status_code == 200, done.text
    assert (await table.get("Mira", f"/entities/{hero}")).json()["data"]["fields"]["temper"] == "shaken"
    await table.do("Gia", "hush", target=hero)
    assert "temper" not in (await table.get("Mira", f"/entities/{hero}")).json()["data"]["fields"]
    # The effect could not have taken it from what was kept under the name of then.
    assert not {"mood", "temper"} & (await then(table, "Mira", f"/entities/{hero}?as_of={mine}")).keys()
    assert (await then(table, "Gia", f"/entities/{hero}?as_of={hers}"))["mood"] == "shaken"
    async with table.server.app.state.context.units.read() as unit:
        await verify(unit, table.world, table.server.app.state.actions.packs)


async def test_things_are_listed_as_of_then_by_what_their_kind_was_called(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    was = (await table.get("Gia", f"/entities/{hero}")).json()["meta"]["cursor"]
    renamed = QUAY.replace("version: 1.0.0", "version: 2.0.0", 1).replace("clock", "dial")
    await upload(table, f"{renamed}\nupgrades: [{{from: 1.0.0, rename: {{kinds: {{clock: dial}}}}}}]\n")
    done = await upgrade(table, "Gia")
    assert done.status_code == 200, done.text
    mine = (await table.get("Mira", "/entities?kind=dial")).json()
    assert [one["fields"]["name"] for one in mine["data"]] == ["The docks close"]
    seen = await then(table, "Gia", f"/entities?kind=clock&as_of={was}")
    assert seen["name"] == "The docks close"
    sorted_too = await then(table, "Gia", f"/entities?kind=clock&sort=name&as_of={was}")
    assert sorted_too == seen


async def then(table: Playing, who: str, path: str) -> Any:
    answer = await table.get(who, path)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    return (found[0] if isinstance(found, list) else found)["fields"]
