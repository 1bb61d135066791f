"""What is erased with a person, in every world and for everybody, and what is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reality_engine.db.engine import parse_url
from reality_engine.db.scrubbing import scrub
from reality_engine.erasure import repository
from reality_engine.erasure.service import Erasures
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.principal import WORLD
from tests.checking import check
from tests.playing import QUAY, YAML, Playing
from tests.serving import PASSWORD, codes


@pytest.fixture
def erasures(table: Playing) -> Erasures:
    made: Erasures = table.server.app.state.erasures
    made.settle = 0
    return made


async def me(table: Playing, who: str) -> str:
    answer = await table.server.client.get("/api/v1/auth/me", headers=table.players[who])
    return str(answer.json()["data"]["id"])


async def said(table: Playing) -> str:
    """Return all that stands in any table, bytes too."""
    return repr(await table.tables())


async def test_a_person_is_erased_everywhere_and_the_log_still_verifies(table: Playing, erasures: Erasures) -> None:
    mira = await me(table, "Mira")
    hero = await table.character("Mira", "Xanthippe Quill", "The Crows")
    other = await table.character("Pia", "Bartholomew", "The Crows")
    assert "Xanthippe" in await said(table)
    erased = await erasures.erase(mira, WORLD)
    left = await said(table)
    assert "Xanthippe" not in left
    assert "xanthippe" not in left
    assert "Mira" not in left
    assert "mira@" not in left
    assert "Bartholomew" in left
    assert erased.finished_at is not None
    assert erased.values > 0
    await check(table)
    shown = (await table.get("Gia", f"/entities/{hero}")).json()["data"]
    assert shown["fields"]["name"] == "[erased]"
    assert (await table.get("Gia", f"/entities/{other}")).json()["data"]["fields"]["name"] == "Bartholomew"
    feed = await table.feed("Gia")
    assert feed[0]["type"] == "person.erased"
    assert feed[0]["data"]["values"] == erased.values
    again = await erasures.erase(mira, WORLD)
    assert replace(again, finished_at=None) == replace(erased, finished_at=None)
    assert len(await table.feed("Gia")) == len(feed)
    await check(table)


async def test_not_even_the_file_holds_what_was_erased_once_it_is_written_anew(
    table: Playing, erasures: Erasures, database_url: str
) -> None:
    await table.character("Mira", "Xanthippe Quill", "The Crows")
    await erasures.erase(await me(table, "Mira"), WORLD)
    await scrub(database_url)
    path = parse_url(database_url).database or ""
    for held in (Path(f"{path}{end}") for end in ("", "-wal", "-shm")):
        assert not held.exists() or b"xanthippe" not in held.read_bytes().lower()
    await check(table)


async def test_who_is_erased_is_out_at_once_and_their_address_is_free(table: Playing, erasures: Erasures) -> None:
    client, mira = table.server.client, table.players["Mira"]
    assert erasures.settle == 0
    await table.character("Mira", "Cass", "The Crows")
    wrong = await client.post("/api/v1/auth/me/erasure", json={"password": "wrong"}, headers=mira)
    assert (wrong.status_code, codes(wrong)) == (401, ["bad_credentials"])
    assert (await client.get("/api/v1/auth/me", headers=mira)).status_code == 200
    done = await client.post("/api/v1/auth/me/erasure", json={"password": PASSWORD}, headers=mira)
    assert done.status_code == 200, done.text
    assert done.json()["data"]["finished_at"] is not None
    assert set(done.json()["data"]) == {"id", "asked_at", "finished_at"}
    assert (await client.get("/api/v1/auth/me", headers=mira)).status_code == 401
    assert (await table.act("Mira", "join_as", input={"name": "Dora"})).status_code == 401
    again = await client.post("/api/v1/auth/token", data={"username": "mira@example.org", "password": PASSWORD})
    assert codes(again) == ["bad_credentials"]
    assert await table.server.user("Mira")
    await check(table)


async def test_administrators_erase_others_and_are_told_what_came_of_it(table: Playing, erasures: Erasures) -> None:
    client, mira = table.server.client, await me(table, "Mira")
    assert erasures.settle == 0
    await table.character("Mira", "Cass", "The Crows")
    path = f"/api/v1/admin/users/{mira}/erasure"
    for who in ("Gia", "Mira"):
        refused = await client.post(path, headers=table.players[who])
        assert (refused.status_code, codes(refused)) == (403, ["denied"])
        assert codes(await client.get(path, headers=table.players[who])) == ["denied"]
    assert codes(await client.post(path)) == ["unauthenticated"]
    root = await table.server.user("Root", admin=True)
    assert codes(await client.get(path, headers=root)) == ["not_found"]
    assert codes(await client.post(path.replace(mira, table.world), headers=root)) == ["not_found"]
    done = (await client.post(path, headers=root)).json()["data"]
    assert (done["worlds"], done["asked_by"]) == (
        1,
        (await client.get("/api/v1/auth/me", headers=root)).json()["data"]["id"],
    )
    assert done["values"] >= done["events"] > 0
    assert (await client.get(path, headers=root)).json()["data"] == done
    assert (await client.post(path, headers=root)).json()["data"]["values"] == done["values"]


async def test_nothing_that_was_shown_before_is_shown_again(table: Playing, erasures: Erasures) -> None:
    hero = await table.character("Mira", "Xanthippe Quill", "The Crows")
    paths = ["/feed", "/entities?kind=character", f"/entities/{hero}", "/entities?kind=character&q=xanthippe"]
    for path in (*paths, *paths):
        assert "anthippe" in (await table.get("Pia", path)).text
    await erasures.erase(await me(table, "Mira"), WORLD)
    for path in paths:
        answer = await table.get("Pia", path)
        assert answer.status_code == 200
        assert "anthippe" not in answer.text


async def test_answers_to_others_are_given_again_without_what_is_erased(table: Playing, erasures: Erasures) -> None:
    otto = await me(table, "Otto")
    given = {"user": otto, "name": "Xanthippe", "roles": ["player"]}
    assert "Gia adds Xanthippe" in (await table.act("Gia", "member.add", key="one", input=given)).text
    pia, hero = await table.character("Pia", "Bartholomew"), await table.character("Otto", "Quill Quillsson")
    short: dict[str, Any] = {"actor": pia, "target": hero, "input": {"coin": 17}}
    await table.act("Pia", "give_coin", key="two", **short)
    await erasures.erase(otto, WORLD)
    again = await table.act("Gia", "member.add", key="one", input=given)
    assert again.json()["data"]["repeated"] is True
    assert again.json()["data"]["events"][0]["narrative"] == "Gia adds "
    assert "Xanthippe" not in again.text
    refused = await table.act("Pia", "give_coin", key="two", **short)
    assert "Bartholomew cannot owe coin" in refused.text
    for name in ("Xanthippe", "Quill", "quill"):
        assert name not in await said(table)


async def test_what_others_said_of_a_name_they_share_stays(table: Playing, erasures: Erasures) -> None:
    await table.character("Mira", "Anna", "The Crows")
    other = await table.character("Pia", "Anna Maria", "The Crows")
    await table.do("Pia", "keep_secret", actor=other, input={"secret": "where Annapurna is"})
    await erasures.erase(await me(table, "Mira"), WORLD)
    assert (await table.get("Pia", f"/entities/{other}")).json()["data"]["fields"] == {
        **(await table.get("Pia", f"/entities/{other}")).json()["data"]["fields"],
        "name": "Anna Maria", "secret": "where Annapurna is",
    }  # fmt: skip
    told = [event.get("narrative") for event in await table.feed("Gia")]
    assert "Anna Maria writes something down" in told
    assert "Anna Maria arrives" in told
    assert "Anna arrives" not in told


async def test_a_plan_changes_nothing(table: Playing, erasures: Erasures) -> None:
    mira = await me(table, "Mira")
    await table.character("Mira", "Cass", "The Crows")
    before = await table.tables()
    planned = await erasures.plan(mira)
    assert await table.tables() == before
    assert planned.values > 0
    done = await erasures.erase(mira, WORLD)
    assert (done.values, done.events, done.worlds) == (planned.values, planned.events, planned.worlds)
    with pytest.raises(NotFoundError):
        await erasures.plan(table.world)


async def test_an_erasure_that_was_left_alone_is_brought_to_its_end(table: Playing, erasures: Erasures) -> None:
    mira = await me(table, "Mira")
    await table.character("Mira", "Xanthippe Quill", "The Crows")
    async with erasures.units.write() as unit:
        await repository.begin(unit, mira, "somebody", table.server.clock.now())
        await unit.commit()
    assert await erasures.resume() == 0
    table.server.clock.advance(timedelta(minutes=16))
    assert await erasures.resume() == 1
    assert "Xanthippe" not in await said(table)
    assert await erasures.resume() == 0


async def test_forks_lose_what_is_erased_and_no_past_moment_has_it(table: Playing, erasures: Erasures) -> None:
    hero = await table.character("Mira", "Xanthippe Quill", "The Crows")
    then = (await table.get("Pia", "/feed")).json()["meta"]["cursor"]
    undoable = (await table.do("Mira", "keep_secret", actor=hero, input={"secret": "psst"}))[0]["id"]
    fork = await table.call("Gia", "POST", "/fork", json={"title": "What if", "members": True})
    other = Playing(table.server, fork.json()["data"]["id"], table.players)
    undone = await table.call("Gia", "POST", f"/events/{undoable}/undo", json={})
    assert undone.status_code == 200, undone.text
    for world in (table, other):
        assert "Xanthippe" in (await world.get("Gia", f"/entities/{hero}")).text
    for who in ("Mira", "Gia"):
        await erasures.erase(await me(table, who), WORLD)
    assert "anthippe" not in await said(table)
    for world in (table, other):
        await check(world)
        for path in (f"/entities/{hero}?", "/feed?", "/entities?kind=character&", "/entities?kind=character&q=xan&"):
            answer = await world.get("Pia", f"{path}as_of={then if world is table else ''}".removesuffix("as_of="))
            assert (answer.status_code, "anthippe" in answer.text) == (200, False)
        assert (await world.get("Pia", f"/entities/{hero}/history")).status_code == 200


async def test_the_name_of_a_field_may_have_changed_and_what_is_personal(table: Playing, erasures: Erasures) -> None:
    hero = await table.character("Mira", "Xanthippe Quill", "The Crows")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "Zenobia it was"})
    open_to = "secret:  {type: text, visible_to: [owner, gm]"
    newer = QUAY.replace("version: 1.0.0", "version: 1.1.0").replace(open_to, f"{open_to}, personal: true")
    stored = await table.server.client.post("/api/v1/packs", content=newer, headers={**table.players["Gia"], **YAML})
    assert stored.status_code == 201, stored.text
    upgraded = await table.call("Gia", "POST", "/upgrade", json={"version": "1.1.0"})
    assert upgraded.status_code == 200, upgraded.text
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "Palmyra then"})
    await check(table)
    await erasures.erase(await me(table, "Mira"), WORLD)
    for text in ("anthippe", "enobia", "almyra"):
        assert text not in await said(table)
    await check(table)
