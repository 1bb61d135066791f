"""Reading a world as of a moment, over HTTP: what was, as far as one's keys open it, and what is no moment of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from reality_engine.kernel.clock import to_text
from tests.integration.test_revealed_fields import PACK as GRAVES
from tests.integration.test_view_as import eyes
from tests.playing import Playing, play
from tests.serving import Serving, codes, serving


@pytest.fixture
async def graves(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        playing = await play(server, GRAVES, "graves", public=True)
        await playing.do("Mira", "dig", input={"name": "old"})
        yield playing


@pytest.fixture
async def table(server: Serving) -> Playing:
    return await play(server)


async def now(playing: Playing) -> str:
    """Return a time after all that happened, and let a minute pass."""
    playing.server.clock.advance(timedelta(minutes=1))
    moment = to_text(playing.server.clock.now())
    playing.server.clock.advance(timedelta(minutes=1))
    return moment


async def then(playing: Playing, who: str | None, path: str, as_of: str, **parts: Any) -> Any:
    """Return the data of an answer about a moment."""
    sign = "&" if "?" in path else "?"
    answer = await playing.call(who, "GET", f"{path}{sign}as_of={quote(as_of)}", **parts)
    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["as_of"] == as_of
    return answer.json()["data"]


async def told(playing: Playing, who: str, path: str) -> tuple[int, list[str]]:
    answer = await playing.get(who, path)
    return answer.status_code, codes(answer)


async def test_a_moment_is_named_by_a_time_or_by_the_cursor_of_an_answer(table: Playing) -> None:
    hero, other = await table.character("Mira", "Cass"), await table.id_of("faction", "The Lanterns")
    moment = await now(table)
    cursor = (await table.get("Mira", f"/entities/{hero}")).json()["meta"]["cursor"]
    await table.do("Mira", "change_sides", actor=hero, input={"faction": other})
    await table.character("Mira", "Dov")
    for as_of in (moment, cursor, moment.replace("Z", "+00:00")):
        was = await then(table, "Mira", f"/entities/{hero}", as_of)
        assert was["fields"]["faction"] != other
        assert "etag" not in was
        listed = await then(table, "Mira", "/entities?kind=character", as_of)
        assert listed == [was]
        assert await then(table, "Mira", "/entities?kind=character&filter=faction.name=='The Lanterns'", as_of) == []
        assert await then(table, "Mira", "/entities?kind=character&q=cass&sort=name", as_of) == [was]
        feed = await then(table, "Mira", "/feed?limit=3", as_of)
        assert feed[0]["action"] == "join_as"
    answer = await table.get("Mira", f"/entities/{hero}?as_of={quote(moment)}")
    assert "ETag" not in answer.headers
    assert answer.json()["meta"].keys() == {"cursor", "as_of"}


async def test_pages_of_a_moment_go_on_by_cursors_of_that_moment(table: Playing) -> None:
    for name in ("Cass", "Bel", "Dov"):
        await table.character("Mira", name)
    moment = await now(table)
    await table.character("Mira", "Eve")
    path = "/entities?kind=character&limit=2&sort=name"
    first = (await table.get("Mira", f"{path}&as_of={quote(moment)}&total=true")).json()
    assert [one["fields"]["name"] for one in first["data"]] == ["Bel", "Cass"]
    assert first["meta"]["total"] == 3
    following = f"{path}&cursor={first['meta']['next']}"
    rest = await then(table, "Mira", following, moment)
    assert [one["fields"]["name"] for one in rest] == ["Dov"]
    assert await told(table, "Mira", following) == (422, ["bad_cursor"])
    feed = (await table.get("Mira", f"/feed?limit=2&as_of={quote(moment)}")).json()
    more = await then(table, "Mira", f"/feed?limit=50&cursor={feed['meta']['next']}", moment)
    assert [*feed["data"], *more] == await then(table, "Mira", "/feed", moment)
    plain = (await table.get("Mira", "/feed?limit=2")).json()["meta"]["next"]
    assert (await then(table, "Mira", "/feed?limit=1", plain))[0]["id"] == (await table.feed("Mira"))[1]["id"]


async def test_what_is_no_moment_of_the_world_is_refused(table: Playing) -> None:
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Other"}, headers=table.players["Gia"]
    )
    other = Playing(table.server, made.json()["data"]["id"], table.players)
    foreign = (await other.get("Gia", "/feed")).json()["meta"]["cursor"]
    mine = (await table.get("Gia", "/feed")).json()["meta"]["cursor"]
    later = to_text(table.server.clock.now() + timedelta(seconds=1))
    wrong = [foreign, mine[:-3], "soon", "2026-05-01", "2026-05-01T18:00:00", "0001-01-01T00:00:00+14:00", later]
    wrong += ["2020-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z", "2026-05-01T18:00:00 02:00"]
    for as_of in wrong:
        for path in ("/entities?kind=faction&", "/feed?", "/actions?"):
            found = await table.get("Gia", f"{path}as_of={quote(as_of)}")
            assert (found.status_code, codes(found)) == (422, ["bad_as_of"]), (as_of, found.text)
            assert found.json()["errors"][0]["field"] == "as_of"
    assert await told(table, "Mira", f"/feed?as_of={mine}") == (422, ["bad_as_of"])
    assert await told(table, "Gia", "/feed?keys=then") == (422, ["invalid"])
    assert await told(table, "Gia", "/feed?keys=never&as_of=x") == (422, ["invalid"])


async def test_the_past_opens_by_the_keys_of_now_and_what_was_concealed_stays_closed(graves: Playing) -> None:
    grave = await graves.id_of("grave", "old")
    path = f"/entities/{grave}"
    await graves.do("Pia", "show", target=grave)
    shown = await now(graves)
    assert "bones" in (await graves.get("Pia", path)).json()["data"]["fields"]
    await graves.do("Mira", "count", target=grave)
    counted = await now(graves)
    await graves.do("Mira", "shout", target=grave)
    shouted = await now(graves)
    await graves.do("Pia", "hide", target=grave)
    for moment in (shown, counted):
        assert "bones" not in (await then(graves, "Pia", path, moment))["fields"]
    assert (await then(graves, "Mira", path, shouted))["fields"]["bones"] == 4
    await graves.do("Gia", "bury", target=grave)
    for who in ("Mira", "Pia"):
        assert "bones" not in (await then(graves, who, path, shouted))["fields"]
    assert (await then(graves, "Gia", path, shown))["fields"]["bones"] == 3
    await graves.do("Mira", "shout", target=grave)
    assert "bones" in (await graves.get("Pia", path)).json()["data"]["fields"]
    assert "bones" not in (await then(graves, "Pia", path, shouted))["fields"]


async def test_who_sees_everything_may_read_by_the_keys_of_then(table: Playing) -> None:
    hero, crows = await table.character("Pia", "Bel"), await table.id_of("faction", "The Crows")
    lanterns = await table.id_of("faction", "The Lanterns")
    await table.do("Gia", "set_plot", target=crows, input={"plot": "a flood"})
    moment = await now(table)
    await table.do("Pia", "change_sides", actor=hero, input={"faction": lanterns})
    path, pias = f"/entities/{crows}", await eyes(table, "Pia")
    keys = f"{path}?keys=then"
    assert "plot" not in (await then(table, "Pia", path, moment))["fields"]
    assert "plot" not in (await then(table, "Gia", path, moment, headers=pias))["fields"]
    assert (await then(table, "Gia", keys, moment, headers=pias))["fields"]["plot"] == "a flood"
    assert "plot" in (await then(table, "Gia", keys, moment))["fields"]
    assert await told(table, "Pia", f"{keys}&as_of={quote(moment)}") == (403, ["denied"])


async def test_actions_are_allowed_by_the_rules_and_states_of_then(table: Playing) -> None:
    hero = await table.character("Mira", "Cass")
    crows, lanterns = await table.id_of("faction", "The Crows"), await table.id_of("faction", "The Lanterns")
    moment = await now(table)
    cursor = (await table.get("Mira", "/feed")).json()["meta"]["cursor"]
    before = (await table.get("Mira", f"/entities/{crows}/allowed?actor={hero}")).json()["data"]
    await table.do("Mira", "change_sides", actor=hero, input={"faction": lanterns})
    after = (await table.get("Mira", f"/entities/{crows}/allowed?actor={hero}")).json()["data"]
    assert before != after
    for as_of in (moment, cursor):
        assert await then(table, "Mira", f"/entities/{crows}/allowed?actor={hero}", as_of) == before
    event = (await table.feed("Mira"))[0]["id"]
    assert await told(table, "Mira", f"/events/{event}?as_of={quote(moment)}") == (404, ["not_found"])
    assert await told(table, "Mira", f"/entities/{hero}?as_of={quote(cursor)}") == (200, [])
