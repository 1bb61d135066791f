"""A catalogue of leaks that other systems have had, each by its name: filters, sorting, counting, searching, fields."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from tests.comparing import Haunted, comparable, haunted, stays_the_same
from tests.serving import codes, serving


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[Haunted]:
    """Yield the world of the leaks."""
    async with serving(database_url) as server:
        yield await haunted(server)


def path(kind: str = "ghost", **asked: Any) -> str:
    return "/entities?" + urlencode({"kind": kind, **asked})


async def names(world: Haunted, who: str, kind: str = "ghost", **asked: Any) -> list[str]:
    answer = await world.table.get(who, path(kind, **asked))
    assert answer.status_code == 200, answer.text
    return [one["fields"]["name"] for one in answer.json()["data"]]


def unnamed(answer: httpx2.Response, *words: str) -> tuple[Any, ...]:
    """Return an answer without the words by which two questions differ."""
    status, headers, body = comparable(answer)
    for word in words:
        body = body.replace(word.encode(), b"@")
    return status, headers, body


@pytest.mark.parametrize("asked", ["filter={} > 3", "sort={}", "sort=-{},name", "fields=name,{}"])
async def test_filter_and_sort_oracle_a_field_that_nobody_shows_is_an_unknown_one(world: Haunted, asked: str) -> None:
    name, _, value = asked.partition("=")
    answers = []
    for field in ("doom", "luck", "moon"):  # hidden, hidden, and not there at all
        answer = await world.table.get("Pia", path("hero", **{name: value.replace("{}", field)}))
        assert (answer.status_code, codes(answer)) == (422, ["unknown_field"])
        answers.append(unnamed(answer, field))
    assert len(set(answers)) == 1


async def test_filter_oracle_hidden_rows_match_nothing(world: Haunted) -> None:
    assert sorted(await names(world, "Pia", filter="level >= 0")) == ["ghost 0", "ghost 2", "ghost 4"]
    assert await names(world, "Pia", filter="level == 3 || level == 5") == []
    assert sorted(await names(world, "Pia", filter="!(level == 2)")) == ["ghost 0", "ghost 4"]
    assert await names(world, "Pia", filter=f"id == '{world.hidden[0]}'") == []
    assert len(await names(world, "Gia", filter="level >= 0")) == 6


async def test_filter_oracle_a_value_that_is_hidden_on_one_entity_has_no_value_there(world: Haunted) -> None:
    table = world.table
    await table.do("Mira", "whisper", actor=world.mira, input={"secret": "I am the heir"})
    await table.do("Pia", "whisper", actor=world.pia, input={"secret": "I am not"})
    # Members may have secrets of their own, so they may ask: of themselves alone.
    for condition in (
        "secret.startsWith('I')",
        "is_set(secret)",
        "size(secret) > 0",
        "secret != ''",
        "!(secret == '')",
    ):
        assert await names(world, "Pia", "hero", filter=condition) == ["Dell"]
        assert await names(world, "Mira", "hero", filter=condition) == ["Cass"]
        assert len(await names(world, "Gia", "hero", filter=condition)) == 2


async def test_filter_oracle_through_a_ref_that_is_hidden_or_leads_to_what_is(world: Haunted) -> None:
    assert await names(world, "Mira", "hero", filter="guild.name == 'Lamps'") == ["Cass"]
    for condition in ("guild.name == 'Lamps'", "is_set(guild)", "guild.name != 'Lamps'"):
        assert await names(world, "Pia", "hero", filter=condition) == []
    await world.table.do("Gia", "appear", target=world.shown[0], input={"shown": False})
    for condition in ("haunts.name == 'Cass'", "haunts.level >= 0"):
        assert await names(world, "Pia", filter=condition) == []


async def test_sort_oracle_what_is_hidden_moves_nothing(world: Haunted) -> None:
    async def meanwhile() -> None:
        await world.table.do("Gia", "doom", target=world.mira, input={"doom": 9})
        await world.table.do("Gia", "haunt", input={"name": "aaa", "level": 2, "shown": False})
        await world.table.do("Mira", "whisper", actor=world.mira, input={"secret": "aaa"})

    paths = [path(kind, sort=sort, limit=limit) for kind in ("hero", "ghost") for sort in ("name", "-level,name")
             for limit in (1, 2, 50)]  # fmt: skip
    await stays_the_same(
        world.table, "Pia", [*paths, path("hero", sort="secret"), path("hero", sort="guild")], meanwhile
    )


async def test_count_oracle_the_total_is_of_what_is_seen(world: Haunted) -> None:
    for who, total in (("Pia", 3), ("Gia", 6)):
        for asked in ({}, {"filter": "level >= 0"}, {"sort": "level"}, {"limit": 1}, {"offset": 2}):
            told = (await world.table.get(who, path(total="true", **asked))).json()
            assert told["meta"]["total"] == total
    some = (await world.table.get("Pia", path(total="true", filter="level == 3"))).json()
    assert (some["data"], some["meta"]["total"]) == ([], 0)


async def test_page_size_oracle_offsets_and_cursors_pass_over_what_is_seen_alone(world: Haunted) -> None:
    whole = await names(world, "Pia", sort="name")
    by_offset = [name for at in range(4) for name in await names(world, "Pia", sort="name", limit=1, offset=at)]
    assert by_offset == whole
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        page = (
            await world.table.get("Pia", path(sort="name", limit=1) + (following and f"&cursor={following}"))
        ).json()
        found += [one["fields"]["name"] for one in page["data"]]
        following = page["meta"].get("next")
    assert found == whole


async def test_foreign_cursor_one_of_another_filter_sort_or_viewer_is_refused(world: Haunted) -> None:
    table = world.table
    cursor = (await table.get("Pia", path(sort="level", limit=1))).json()["meta"]["next"]
    of_others = [await table.get(who, path(sort="level", limit=1, cursor=cursor)) for who in ("Mira", "Gia")]
    answers = [
        *of_others,
        await table.get("Pia", path(sort="-level", limit=1, cursor=cursor)),
        await table.get("Pia", path(limit=1, cursor=cursor)),
        await table.get("Pia", path(sort="level", filter="level > 0", limit=1, cursor=cursor)),
        await table.get("Pia", path("hero", sort="level", limit=1, cursor=cursor)),
    ]
    assert {(answer.status_code, *codes(answer)) for answer in answers} == {(422, "bad_cursor")}
    assert of_others[0].content == of_others[1].content


async def test_stale_group_membership_closes_filters_sorting_and_cursors_too(world: Haunted) -> None:
    table = world.table
    assert await names(world, "Mira", "guild", filter="motto == 'Light'") == ["Lamps"]
    cursor = (await table.get("Mira", path("guild", sort="motto", limit=1))).json()["meta"]["next"]
    await table.do("Mira", "leave_guild", actor=world.mira)
    assert await names(world, "Mira", "guild", filter="motto == 'Light'") == []
    rest = await table.get("Mira", path("guild", sort="motto", limit=1, cursor=cursor))
    assert "Light" not in rest.text


async def test_stale_role_makes_its_fields_unknown_again(world: Haunted) -> None:
    table = world.table
    members = (await table.get("Gia", "/members")).json()["data"]
    pia = next(one["id"] for one in members if one["name"] == "Pia")
    await table.do("Gia", "member.roles", target=pia, input={"roles": ["player", "scribe"]})
    assert await names(world, "Pia", "guild", filter="ledger == 'red'") == ["Lamps"]
    await table.do("Gia", "member.roles", target=pia, input={"roles": ["player"]})
    for asked in ({"filter": "ledger == 'red'"}, {"sort": "ledger"}, {"fields": "ledger"}):
        answer = await table.get("Pia", path("guild", **asked))
        assert (answer.status_code, codes(answer)) == (422, ["unknown_field"])


async def test_search_oracle_words_are_found_in_what_is_seen_alone(world: Haunted) -> None:
    table = world.table
    await table.do("Mira", "whisper", actor=world.mira, input={"secret": "zanzibar"})
    await table.do("Gia", "haunt", input={"name": "zanzibar", "level": 1, "shown": False})
    await table.do("Gia", "inscribe", target=world.lamps, input={"ledger": "zanzibar"})
    for asked in ("/entities?q=zanzibar", "/entities?q=zan", "/entities?kind=hero&q=zanzibar", "/feed?q=zanzibar"):
        assert (await table.get("Pia", asked)).json()["data"] == []
        assert (await table.get("Gia", asked)).json()["data"]
        never = await table.get("Pia", asked.replace("zanzibar", "quixotic").replace("q=zan", "q=quix"))
        assert comparable(await table.get("Pia", asked)) == comparable(never)


async def test_search_oracle_order_and_pages_do_not_depend_on_hidden_texts(world: Haunted) -> None:
    async def meanwhile() -> None:
        await world.table.do("Mira", "whisper", actor=world.mira, input={"secret": "ghost ghost ghost"})
        for number in range(3):
            await world.table.do("Gia", "haunt", input={"name": f"ghost x{number}", "level": 1, "shown": False})
        await world.table.do("Gia", "inscribe", target=world.lamps, input={"motto": "ghost", "ledger": "ghost"})

    paths = ["/entities?q=ghost", "/entities?q=ghost&limit=1", "/entities?kind=ghost&q=ghost&limit=2",
             "/entities?kind=ghost&q=ghost&total=true"]  # fmt: skip
    await stays_the_same(world.table, "Pia", paths, meanwhile)


async def test_sparse_fields_do_not_change_the_tag_and_show_nothing_hidden(world: Haunted) -> None:
    whole = (await world.table.get("Mira", path("hero"))).json()["data"]
    sparse = (await world.table.get("Mira", path("hero", fields="name,secret,guild"))).json()["data"]
    assert [one["etag"] for one in sparse] == [one["etag"] for one in whole]
    assert all(set(one["fields"]) <= {"name", "secret", "guild"} for one in sparse)
    others = [one for one in sparse if one["id"] != world.mira]
    assert all(set(one["fields"]) == {"name"} for one in others)


async def test_kind_oracle_a_kind_that_shows_nothing_is_an_empty_one(world: Haunted) -> None:
    table = world.table
    for key in world.shown:
        await table.do("Gia", "appear", target=key, input={"shown": False})
    hidden = await table.get("Pia", path())
    assert (hidden.json()["data"], hidden.json()["meta"].get("next")) == ([], None)
