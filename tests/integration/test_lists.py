"""Lists over HTTP: filtered, sorted, in parts and with a count, by what each viewer sees and in no other words."""

from datetime import timedelta
from typing import Any

import pytest

from tests.playing import Playing, play
from tests.serving import Serving, codes


@pytest.fixture
async def table(server: Serving) -> Playing:
    """A world with characters of Mira and Pia, of whom some have coin to spare, and moods, and secrets."""
    table = await play(server)
    factions = [await table.id_of("faction", name) for name in ("The Crows", "The Lanterns")]
    for number, name in enumerate(("Ada", "Bo", "ada", "Cy", "100%_\\")):
        server.clock.advance(timedelta(seconds=1))
        who = ("Mira", "Pia")[number % 2]
        await table.do(who, "join_as", input={"name": name, "faction": factions[number % 2]})
    ada, bo = await table.id_of("character", "Ada"), await table.id_of("character", "Bo")
    await table.do("Mira", "give_coin", actor=ada, target=bo, input={"coin": 2})
    await table.do("Mira", "keep_secret", actor=ada, input={"secret": "heir"})
    await table.do("Pia", "keep_secret", actor=bo, input={"secret": "thief"})
    await table.do("Pia", "weigh", actor=bo, input={"weight": 72.5})
    return table


async def listed(table: Playing, who: str | None, kind: str = "character", **query: Any) -> dict[str, Any]:
    answer = await table.call(who, "GET", "/entities", params={"kind": kind, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(table: Playing, who: str | None, kind: str = "character", **query: Any) -> list[str]:
    return [one["fields"]["name"] for one in (await listed(table, who, kind, **query))["data"]]


async def errors(table: Playing, who: str | None, kind: str = "character", **query: Any) -> list[dict[str, Any]]:
    answer = await table.call(who, "GET", "/entities", params={"kind": kind, **query})
    assert answer.status_code == 422, answer.text
    found: list[dict[str, Any]] = answer.json()["errors"]
    return found


FOUND = [
    ("coin > 2", ["Bo"]),
    ("coin == 0 || coin == 4", ["Bo", "Ada"]),
    ("!(coin == 2)", ["Bo", "Ada"]),
    ("name == 'Ada'", ["Ada"]),
    ("name < 'B'", ["100%_\\", "Ada"]),
    ("name.startsWith('a')", ["ada"]),
    ("name.endsWith('a')", ["ada", "Ada"]),
    ("name.contains('%')", ["100%_\\"]),
    ("name.contains('_\\\\')", ["100%_\\"]),
    ("name.contains('\\'; DROP TABLE entities; --')", []),
    ("size(name) == 2", ["Cy", "Bo"]),
    ("name in ['Cy', 'Bo', 'nobody']", ["Cy", "Bo"]),
    ("owner == me", ["100%_\\", "ada", "Ada"]),
    ("owner != me && coin >= 2", ["Cy", "Bo"]),
    ("is_set(faction.plot)", ["100%_\\", "ada", "Ada"]),  # of the Crows she is one herself
    ("faction.name == 'The Lanterns'", ["Cy", "Bo"]),
    ("faction.name != 'The Lanterns'", ["100%_\\", "ada", "Ada"]),
    ("faction.plan == 2", ["Cy", "Bo"]),
    ("weight > 72", ["Bo"]),
    ("is_set(secret)", ["Ada"]),
    ("secret != 'heir'", []),
    ("!(secret == 'heir')", []),
    ("secret == 'thief' || name == 'Cy'", ["Cy"]),
]


async def test_a_filter_finds_what_is_seen_and_no_more(table: Playing) -> None:
    for source, expected in FOUND:
        assert await names(table, "Mira", filter=source) == expected, source
    assert await names(table, "Gia", filter="secret == 'thief'") == ["Bo"]
    assert await names(table, "Pia", filter="is_set(faction.plot)") == []
    hero = await table.id_of("character", "Cy")
    assert await names(table, "Mira", filter=f"id == '{hero}' || id in ['x']") == ["Cy"]


async def test_a_list_is_sorted_and_what_has_no_value_comes_last(table: Playing) -> None:
    assert await names(table, "Mira") == ["100%_\\", "Cy", "ada", "Bo", "Ada"]
    assert await names(table, "Mira", sort="id") == ["Ada", "Bo", "ada", "Cy", "100%_\\"]
    assert await names(table, "Mira", sort="name") == ["100%_\\", "Ada", "Bo", "Cy", "ada"]
    assert await names(table, "Mira", sort="-coin,name") == ["Bo", "100%_\\", "Cy", "ada", "Ada"]
    assert await names(table, "Mira", sort="weight") == ["Bo", "100%_\\", "Cy", "ada", "Ada"]
    assert await names(table, "Mira", sort="-secret") == ["Ada", "100%_\\", "Cy", "ada", "Bo"]
    assert await names(table, "Pia", sort="-secret") == ["Bo", "100%_\\", "Cy", "ada", "Ada"]
    assert await names(table, "Gia", sort="-secret") == ["Bo", "Ada", "100%_\\", "Cy", "ada"]
    assert await names(table, "Mira", sort="-faction.name,name") == ["Bo", "Cy", "100%_\\", "Ada", "ada"]
    assert await names(table, "Mira", "faction", sort="name") == ["The Crows", "The Lanterns"]


@pytest.mark.parametrize("sort", ["", "id", "name", "-coin,name", "-secret"])
async def test_pages_by_cursor_and_by_offset_are_the_list(table: Playing, sort: str) -> None:
    query = {"filter": "coin >= 0", **({"sort": sort} if sort else {})}
    whole = await names(table, "Mira", **query)
    assert len(whole) == 5
    for limit in (1, 2, 5):
        seen: list[str] = []
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            page = await listed(table, "Mira", limit=limit, total="true", **query, **cursor)
            assert page["meta"]["total"] == 5
            seen += [one["fields"]["name"] for one in page["data"]]
            cursor = {"cursor": page["meta"]["next"]} if "next" in page["meta"] else None
        assert seen == whole
        for offset in (0, 1, 4, 5, 100_000):
            assert await names(table, "Mira", limit=limit, offset=offset, **query) == whole[offset : offset + limit]


async def test_a_total_counts_what_matches_and_is_seen(table: Playing) -> None:
    for who, source, expected in (
        ("Mira", "coin == 2", 3), ("Mira", "is_set(secret)", 1), ("Gia", "is_set(secret)", 2), ("Mira", "coin > 99", 0),
    ):  # fmt: skip
        page = await listed(table, who, filter=source, limit=1, total="true")
        assert page["meta"]["total"] == expected
    assert "total" not in (await listed(table, "Mira"))["meta"]
    assert (await listed(table, "Mira", "nothing", total="true"))["meta"]["total"] == 0


async def test_a_search_is_filtered_sorted_and_counted_too(table: Playing) -> None:
    assert await names(table, "Mira", q="ada", sort="name") == ["Ada", "ada"]
    assert await names(table, "Mira", q="ada", filter="coin == 0") == ["Ada"]
    assert await names(table, "Mira", q="thief") == []
    page = await listed(table, "Mira", q="ada", limit=1, total="true")
    assert (page["meta"]["total"], page["data"][0]["fields"]["name"]) == (2, "ada")
    assert await names(table, "Mira", q="ada", limit=1, cursor=page["meta"]["next"]) == ["Ada"]


async def test_few_fields_are_shown_under_the_tag_of_all(table: Playing) -> None:
    whole = {one["id"]: one for one in (await listed(table, "Mira"))["data"]}
    for one in (await listed(table, "Mira", fields="name, coin"))["data"]:
        assert set(one["fields"]) == {"name", "coin"}
        assert one["etag"] == whole[one["id"]]["etag"]


async def test_the_core_kinds_are_listed_like_any_other(table: Playing) -> None:
    assert await names(table, "Mira", "member", sort="name", filter="'player' in roles") == ["Mira", "Pia"]
    assert await names(table, "Mira", "member", filter="user == me") == ["Mira"]


async def test_what_could_never_be_seen_is_unknown_in_the_same_words(server: Serving) -> None:
    table = await play(server, public=True)

    async def told(who: str | None, name: str, kind: str = "faction") -> list[str]:
        texts = []
        for query in ({"filter": f"{name} == 'x'"}, {"sort": name}, {"fields": name}, {"filter": f"is_set({name})"}):
            answer = await table.call(who, "GET", "/entities", params={"kind": kind, **query})
            assert (answer.status_code, codes(answer)) == (422, ["unknown_field"]), answer.text
            texts.append(answer.text.replace(name, "NAME"))
        return texts

    # For strangers nothing of a group is to be had; stakes are for game masters alone.
    assert await told(None, "plot") == await told(None, "plox") == await told("Otto", "plot")
    assert await told("Mira", "stakes", "clock") == await told("Mira", "staker", "clock")
    assert await told("Mira", "name", "trap") == await told("Mira", "name", "tram")
    assert await names(table, "Mira", filter="mood == 'x'") == []
    answer = await table.call(None, "GET", "/entities", params={"kind": "character", "filter": "mood == 'x'"})
    assert codes(answer) == ["unknown_field"]
    assert "mood" not in answer.json()["errors"][0]["hint"]
    assert await names(table, "Gia", "clock", filter="stakes.contains('water')") == ["The docks close"]


WRONG = [
    ("coin >", "bad_expression", 6),
    ("coin > > 3", "bad_expression", 8),
    ("", "bad_expression", 1),
    ("coin", "bad_expression", 1),
    ("coin == 'x'", "bad_expression", 6),
    ("coin == null", "bad_expression", 9),
    ("  cain > 3", "unknown_field", 3),
    ("faction.nam == 'x'", "unknown_field", 1),
    ("name.matches('x')", "bad_expression", 6),
    ("coin + 1 > 3", "bad_expression", 6),
    ("name.startsWith(3)", "bad_expression", 17),
    ("coin in []", "bad_expression", 9),
    ("coin in [1, name]", "bad_expression", 9),
    ("size(coin) > 1", "bad_expression", 6),
    ("timestamp('x') == timestamp('y')", "bad_expression", 11),
    ("[1].exists(x, x == 1)", "bad_expression", 11),
    ("coin > 9007199254740993", "bad_expression", 8),
    ("name == 'a' * 1000000000000", "bad_expression", 13),
    ("coin > 1 / 0", "bad_expression", 10),
    ("coin > true + 1", "bad_expression", 13),
    ("coin > 1e308 * 10.0", "bad_expression", 14),
    ("coin > 9007199254740991 * 9007199254740991", "bad_expression", 25),
    ("coin > 1 ? true : false", "bad_expression", 10),
    ("a" * 2_001, "limit_exceeded", 2_001),
    (" && ".join(["coin > 1"] * 100), "limit_exceeded", 1),
    ("coin in [" + ",".join("1" * 101) + "]", "limit_exceeded", 9),
    ("(" * 200 + "coin > 1" + ")" * 200, "bad_expression", None),
    (" || ".join(f"faction.name == '{number}'" for number in range(11)), "limit_exceeded", 1),
]


async def test_a_wrong_filter_is_refused_with_its_column(table: Playing) -> None:
    for source, code, column in WRONG:
        found = await errors(table, "Mira", filter=source)
        assert {one["field"] for one in found} == {"filter"}, source
        assert found[0]["code"] == code, (source, found)
        assert column is None or found[0]["message"].startswith(f"column {column}:"), (source, found)
    found = await errors(table, "Mira", filter="cain > 3 && name == 4 || plat")
    assert [one["message"].split(":")[0] for one in found] == ["column 1", "column 18", "column 26"]
    assert "did you mean 'coin'?" in found[0]["hint"]


async def test_other_wrong_parameters_are_refused(table: Playing) -> None:
    for query, code, field in (
        ({"sort": ""}, "invalid", "sort"), ({"sort": "name,"}, "invalid", "sort"),
        ({"sort": "--name"}, "unknown_field", "sort"),
        ({"sort": "name,-name"}, "invalid", "sort"), ({"sort": "a,b,c,d,e"}, "unknown_field", "sort"),
        ({"sort": "name; DROP TABLE"}, "unknown_field", "sort"), ({"sort": "x" * 20_000}, "invalid", "query.sort"),
        ({"fields": ""}, "unknown_field", "fields"), ({"fields": "name,nope"}, "unknown_field", "fields"),
        ({"filter": "x" * 20_000}, "invalid", "filter"), ({"offset": 100_001}, "invalid", "offset"),
        ({"offset": 1, "cursor": "x"}, "invalid", "cursor"), ({"cursor": "x" * 5_000}, "invalid", "cursor"),
        ({"filter": ["coin > 1", "coin < 1"]}, "invalid", "filter"), ({"kind": ["clock", "deck"]}, "invalid", "kind"),
        ({"filtr": "coin > 1"}, "unknown_field", "filtr"), ({"kind": ""}, "invalid", "kind"),
    ):  # fmt: skip
        (first, *_) = await errors(table, "Mira", **query)
        assert (first["code"], first["field"]) == (code, field.removeprefix("query.")), (query, first)
    (error,) = await errors(table, "Mira", "deck", sort="cards")
    assert error["code"] == "unknown_field"
    (error,) = await errors(table, "Gia", "deck", sort="cards")
    assert (error["code"], "cannot be sorted" in error["message"]) == ("invalid", True)
    for name in ("filter", "sort", "fields"):
        answer = await table.call("Mira", "GET", "/entities", params={"q": "ada", name: "name"})
        assert (answer.status_code, codes(answer)) == (422, ["invalid"])


async def test_a_cursor_says_that_it_is_of_another_query(table: Playing) -> None:
    async def told(**query: Any) -> str:
        (error,) = await errors(table, "Mira", **query)
        assert error["code"] == "bad_cursor"
        message: str = error["message"]
        return message

    page = await listed(table, "Mira", filter="coin == 2", sort="name", limit=1)
    cursor = page["meta"]["next"]
    for query in (
        {},
        {"filter": "coin == 2"},
        {"filter": "coin == 2", "sort": "-name"},
        {"filter": "coin==2", "sort": "name"},
    ):
        assert "another query" in await told(cursor=cursor, **query)
    assert "another query" in await told(kind="clock", cursor=cursor, filter="coin == 2", sort="name")
    kept = await listed(
        table, "Mira", filter="coin == 2", sort="name", limit=2, total="true", fields="name", cursor=cursor
    )
    assert len(kept["data"]) == 2
    (error,) = await errors(table, "Pia", filter="coin == 2", sort="name", cursor=cursor)
    assert error["message"] == "the cursor is not one of this list"


async def test_a_page_goes_on_where_it_was_while_entities_come_go_and_change(table: Playing) -> None:
    first = await listed(table, "Mira", sort="name", limit=2)
    assert [one["fields"]["name"] for one in first["data"]] == ["100%_\\", "Ada"]
    for name in ("1 comes before", "Bz comes after"):
        await table.do("Pia", "join_as", input={"name": name, "faction": await table.id_of("faction", "The Crows")})
    ada, cy = await table.id_of("character", "Ada"), await table.id_of("character", "Cy")
    await table.do("Mira", "retire", actor=ada)  # the last of the first page
    await table.do("Pia", "retire", actor=cy)
    rest = await names(table, "Mira", sort="name", cursor=first["meta"]["next"])
    assert rest == ["Bo", "Bz comes after", "ada"]


async def test_the_length_of_a_cursor_does_not_tell_what_is_hidden(table: Playing) -> None:
    lengths = set()
    for _ in range(12):
        page = (await table.get("Mira", "/feed?limit=1")).json()
        lengths.add(len(page["meta"]["next"]))
        for _ in range(10):
            await table.do("Gia", "set_plot", target=await table.id_of("faction", "The Crows"), input={"plot": "x"})
    assert len(lengths) == 1
