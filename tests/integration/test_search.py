"""Searching over HTTP: what is found, by whom, in what order, and what may be searched for."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tests.playing import Playing, play
from tests.serving import Serving, codes

# Everything that either database's own language of queries, LIKE or a URL could take for more than text.
HOSTILE = (
    '"', "'", "*", "%", "_", "\\", ":", "-", "(", ")", "&", "|", "!", "<->", "^", "{", "}", "+", "~", ";--",
    '"cass', "cass*", "cass:*", "cass AND", "NOT cass", "cass OR heir", "NEAR(cass heir)", "words : cass", "-cass",
    "' OR 1=1 --", "ca%s", "c_ss", "cass\\", "cass'", "^cass", "cass & !crow", "{words} : cass", "\u0301cass",
    "\ufeffcass", "\U0001f480", "cass\t\n", "\u202ecass",
)  # fmt: skip


@pytest.fixture
async def table(server: Serving) -> Playing:
    table = await play(server, public=True)
    hero = await table.character("Mira", "Cass Ünger")
    await table.do("Mira", "keep_secret", actor=hero, input={"secret": "I am the heir of the drowned king"})
    return table


async def search(table: Playing, who: str | None, path: str, query: str, **more: Any) -> httpx2.Response:
    return await table.call(who, "GET", path, params={"q": query, **more})


async def names(table: Playing, who: str | None, query: str, **more: Any) -> list[Any]:
    """Return the names of the entities that somebody finds."""
    answer = await search(table, who, "/entities", query, **more)
    assert answer.status_code == 200, answer.text
    return [one["fields"].get("name") for one in answer.json()["data"]]


async def told(table: Playing, who: str | None, query: str) -> list[Any]:
    """Return the types of the events that somebody finds; None where they do not see it."""
    answer = await search(table, who, "/feed", query)
    assert answer.status_code == 200, answer.text
    return [one.get("type") for one in answer.json()["data"]]


async def test_words_are_found_by_their_beginnings_in_any_case_and_without_diacritics(table: Playing) -> None:
    for query in ("cass", "CASS", "ca", "unger", "ünger", "u\u0308nger", "ung ca", "cass cass ca"):
        assert await names(table, "Pia", query) == ["Cass Ünger"], query
        assert await told(table, "Pia", query) == ["keep_secret", "join_as"], query
    for query in ("ass", "nger", "cassunger", "cass crow", "cass2"):
        assert await names(table, "Pia", query) == [], query
        assert await told(table, "Pia", query) == [], query


async def test_a_search_goes_over_all_kinds_or_over_one(table: Playing) -> None:
    table.server.clock.advance(timedelta(seconds=1))
    await table.do("Gia", "start_clock", input={"name": "Crows gather", "stakes": "All of it"})
    assert await names(table, "Mira", "crow") == ["Crows gather", "The Crows"]
    assert await names(table, "Mira", "crow", kind="faction") == ["The Crows"]
    assert await names(table, "Mira", "crow", kind="deck") == []
    answer = await table.get("Mira", "/entities")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "kind")


async def test_what_is_hidden_is_not_found(table: Playing) -> None:
    for query in ("heir", "drown king", "cass heir", "lighthouse"):
        assert await names(table, "Pia", query) == await names(table, None, query) == [], query
        assert await told(table, None, query) == [], query
    assert await names(table, "Mira", "cass heir") == await names(table, "Gia", "heir cass") == ["Cass Ünger"]
    # The narrative is for members, the change for the owner: together they have both words.
    assert await told(table, "Mira", "writes heir") == await told(table, "Gia", "writes heir") == ["keep_secret"]
    assert await told(table, "Pia", "writes") == ["keep_secret"]
    assert await told(table, "Pia", "writes heir") == await told(table, None, "writes") == []


async def test_what_comes_into_sight_is_found_and_what_leaves_it_is_not(table: Playing) -> None:
    hero, crows, lanterns = [
        await table.id_of(kind, name)
        for kind, name in (("character", "Cass Ünger"), ("faction", "The Crows"), ("faction", "The Lanterns"))
    ]
    assert await names(table, "Mira", "lighthouse") == ["The Crows"]
    await table.do("Mira", "change_sides", actor=hero, input={"faction": lanterns})
    assert await names(table, "Mira", "lighthouse") == []
    await table.do("Mira", "change_sides", actor=hero, input={"faction": crows})
    assert await names(table, "Mira", "lighthouse") == ["The Crows"]
    await table.do("Gia", "set_plot", target=crows, input={"plot": "They mean to leave"})
    assert (await names(table, "Mira", "lighthouse"), await names(table, "Mira", "leave")) == ([], ["The Crows"])
    assert await told(table, "Mira", "lighthouse") == [None, "world.create"]  # the change without its head
    await table.do("Mira", "retire", actor=hero)
    for who in ("Mira", "Gia"):
        assert await names(table, who, "cass") == []


async def test_pages_are_filled_with_what_is_visible(table: Playing) -> None:
    hero = await table.id_of("character", "Cass Ünger")
    for number in range(4):
        table.server.clock.advance(timedelta(seconds=1))
        for _ in range(4):
            await table.do("Gia", "lay_trap", target=hero, input={"name": "A sunken thing"})
        await table.do("Gia", "start_clock", input={"name": f"A sunken hour {number}", "stakes": "A sunken fleet"})
    for who in ("Mira", None):
        found: list[Any] = []
        answer = await search(table, who, "/entities", "sunken", limit=3)
        found += answer.json()["data"]
        assert len(found) == 3
        cursor = answer.json()["meta"]["next"]
        answer = await search(table, who, "/entities", "SUNK", limit=3, cursor=cursor)
        assert answer.status_code == 422  # another search
        answer = await search(table, who, "/entities", "Sunken!", limit=3, cursor=cursor)
        found += answer.json()["data"]
        assert [one["fields"]["name"][-1] for one in found] == ["3", "2", "1", "0"]
        assert answer.json()["meta"].get("next") is None
        assert await names(table, who, "sunken fleet") == []
    answer = await search(table, "Mira", "/feed", "sunken", limit=3)
    assert len(answer.json()["data"]) == 3
    rest = await search(table, "Mira", "/feed", "sunken", limit=3, cursor=answer.json()["meta"]["next"])
    assert len(rest.json()["data"]) == 1
    assert rest.json()["meta"].get("next") is None
    for other in ({"q": "hour", "cursor": answer.json()["meta"]["next"]}, {"cursor": answer.json()["meta"]["next"]}):
        assert codes(await table.call("Mira", "GET", "/feed", params=other)) == ["bad_cursor"]


async def test_nothing_in_a_search_is_an_operator(table: Playing) -> None:
    for query in HOSTILE:
        has_word = any(letter.isalnum() for letter in query)
        for path in ("/entities", "/feed"):
            answer = await search(table, "Gia", path, query)
            if has_word:
                assert answer.status_code == 200, f"{query}: {answer.text}"
            else:
                assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "q"), query
    for query in ('"cass', "cass*", "-cass", "cass'", "cass\\", "^cass", "cass:*", "\u0301cass", "cass\t\n"):
        assert await names(table, "Mira", query) == ["Cass Ünger"], query
    for query in (
        "cass AND",
        "NOT cass",
        "cass OR heir",
        "NEAR(cass heir)",
        "' OR 1=1 --",
        "ca%s",
        "c_ss",
        "words : cass",
    ):
        assert await names(table, "Mira", query) == [], query


@pytest.mark.parametrize("query", ["", " ", "...", "x" * 201, " ".join(f"w{number}" for number in range(17))])
async def test_a_search_that_cannot_be_made_is_refused(table: Playing, query: str) -> None:
    for path in ("/entities", "/feed"):
        answer = await search(table, "Mira", path, query)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["q"]


async def test_a_world_finds_nothing_of_another(table: Playing) -> None:
    made = await table.server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Else", "public": True}, headers=table.players["Gia"]
    )
    other = Playing(table.server, made.json()["data"]["id"], table.players)
    assert await names(other, "Gia", "cass") == await told(other, "Gia", "cass") == []
    assert await names(other, "Gia", "lighthouse") == ["The Crows"]
