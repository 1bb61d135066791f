"""What differs between two moments over HTTP, for an entity and for a world: as far as the viewer sees it at both."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.integration.test_history import PACK, read
from tests.playing import NOWHERE, Playing, play
from tests.serving import codes, serving


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        yield await play(server, PACK, "shelf")


async def now(shelf: Playing, who: str) -> str:
    """Return the cursor of this moment."""
    return str((await read(shelf, who, "/entities?kind=member"))["meta"]["cursor"])


def sides_of(one: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    told = {each["field"]: (each.get("before", "-"), each.get("after", "-")) for each in one["changes"]}
    return told | {name: () for name in ("appeared", "vanished") if one.get(name)}


async def differing(shelf: Playing, who: str, path: str) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return what differs by entity, from all pages of two; each page but the last is full."""
    found, cursor = [], ""
    while True:
        page = await read(shelf, who, f"/diff?{path}&limit=2{cursor}")
        found += page["data"]
        if "next" not in page["meta"]:
            break
        assert len(page["data"]) == 2
        cursor = f"&cursor={page['meta']['next']}"
    assert len({one["id"] for one in found}) == len(found)
    return {one["id"]: sides_of(one) for one in found}


async def test_an_entity_is_compared_as_it_is_seen_at_both_moments(shelf: Playing) -> None:
    start = {who: await now(shelf, who) for who in ("Mira", "Pia", "Gia")}
    (brought,) = await shelf.do("Mira", "bring", input={"name": "Atlas"})
    book, mira = await shelf.id_of("book", "Atlas"), brought["by"]["id"]
    made = {who: await now(shelf, who) for who in ("Mira", "Pia", "Gia")}
    await shelf.do("Mira", "turn", target=book, input={"to": 7})
    await shelf.do("Mira", "note", target=book, input={"mark": "x"})
    path = f"/entities/{book}/diff"
    for who in ("Mira", "Gia"):
        told = (await read(shelf, who, f"{path}?from={made[who]}"))["data"]
        assert sides_of(told) == {"page": (0, 8), "mark": ("-", "x")}
    assert sides_of((await read(shelf, "Pia", f"{path}?from={made['Pia']}"))["data"]) == {"page": (0, 8)}
    appeared = (await read(shelf, "Pia", f"{path}?from={start['Pia']}&to={made['Pia']}"))["data"]
    assert sides_of(appeared) == {"@owner": ("-", mira), "name": ("-", "Atlas"), "page": ("-", 0), "appeared": ()}
    same = (await read(shelf, "Pia", f"{path}?from={made['Pia']}&to={made['Pia']}"))["data"]
    assert sides_of(same) == {}
    back = (await read(shelf, "Pia", f"{path}?from={made['Pia']}&to={start['Pia']}"))["data"]
    assert sides_of(back) == {"@owner": (mira, "-"), "name": ("Atlas", "-"), "page": (0, "-"), "vanished": ()}
    for wrong in (f"from={made['Mira']}", "from=1999-01-01T00:00:00Z",
                  "from=2999-01-01T00:00:00Z", "from=2026-05-01T18:00:00", "from=x"):  # fmt: skip
        answer = await shelf.get("Pia", f"{path}?{wrong}")
        assert (answer.status_code, codes(answer)) == (422, ["bad_as_of"]), wrong
    assert codes(await shelf.get("Pia", f"/entities/{NOWHERE}/diff?from={start['Pia']}")) == ["not_found"]
    assert codes(await shelf.get("Pia", f"{path}?from={start['Pia']}&to={start['Pia']}")) == ["not_found"]


async def test_a_world_is_compared_page_by_page(shelf: Playing) -> None:
    ids = {}
    for name in ("a", "b", "c", "d", "e"):
        await shelf.do("Mira", "bring", input={"name": name})
        ids[name] = await shelf.id_of("book", name)
    (stored,) = await shelf.do("Gia", "store")
    chest = stored["changes"][0]["entity"]
    begun = {who: await now(shelf, who) for who in ("Mira", "Pia", "Gia")}
    for name in ("a", "b", "c", "a"):
        await shelf.do("Mira", "turn", target=ids[name], input={"to": 5})
    await shelf.do("Mira", "turn", target=ids["b"], input={"to": 0})
    await shelf.do("Mira", "note", target=ids["d"], input={"mark": "x"})
    await shelf.do("Mira", "burn", target=ids["e"])
    await shelf.do("Gia", "open", target=chest, input={"open": True})
    both: dict[str, Any] = {ids["a"]: {"page": (0, 5)}, ids["c"]: {"page": (0, 5)}}
    seen = await differing(shelf, "Pia", f"from={begun['Pia']}")
    mira = (await shelf.all("Gia", "member"))["Mira"]["fields"]["user"]
    gone = {ids["e"]: {"@owner": (mira, "-"), "name": ("e", "-"), "page": (0, "-"), "vanished": ()}}
    opened: dict[str, Any] = {chest: {"name": ("-", "chest"), "open": ("-", True), "appeared": ()}}
    assert seen == {**both, **gone, **opened}
    marked: dict[str, Any] = {ids["d"]: {"mark": ("-", "x")}}
    assert await differing(shelf, "Mira", f"from={begun['Mira']}&kind=book") == {**both, **gone, **marked}
    burnt = {ids["e"]: {"@life": ("-", "deleted")}}
    assert await differing(shelf, "Gia", f"from={begun['Gia']}") == {
        **both, **burnt, **marked, chest: {"open": (False, True)},
    }  # fmt: skip
    assert await differing(shelf, "Pia", f"from={begun['Pia']}&kind=nothing") == {}
    for who in ("Mira", "Pia", "Gia"):
        assert await differing(shelf, who, f"from={begun[who]}") == await compared(shelf, who, begun[who])


async def compared(shelf: Playing, who: str, moment: str) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return what a diff should say from a moment on, by what can be read of each entity then and now."""
    ids = {str(change["entity"]) for event in await shelf.feed("Gia") for change in event.get("changes", [])}
    found = {}
    for key in ids:
        states = []
        for query in (f"?as_of={moment}", ""):
            answer = await shelf.get(who, f"/entities/{key}{query}")
            told = answer.json()["data"] if answer.status_code == 200 else None
            states.append(None if told is None else told["fields"] | named(told))
        before, after = states
        old, new = before or {}, after or {}
        sides: dict[str, tuple[Any, ...]] = {
            name: (old.get(name, "-"), new.get(name, "-")) for name in old | new if old.get(name) != new.get(name)
        }
        if (before is None) is not (after is None):
            sides["appeared" if before is None else "vanished"] = ()
        if sides:
            found[key] = sides
    return found


def named(told: dict[str, Any]) -> dict[str, Any]:
    """Return what an entity is beside its fields, as a diff has it."""
    owner = {"@owner": told["owner"]} if "owner" in told else {}
    return owner | ({"@life": "deleted"} if told.get("deleted") else {})


async def test_what_only_came_into_sight_differs_too(shelf: Playing) -> None:
    await shelf.do("Mira", "bring", input={"name": "Atlas"})
    book = await shelf.id_of("book", "Atlas")
    await shelf.do("Mira", "note", target=book, input={"mark": "x"})
    pia = (await shelf.all("Gia", "member"))["Pia"]["fields"]["user"]
    begun = {who: await now(shelf, who) for who in ("Mira", "Pia")}
    (given,) = await shelf.do("Mira", "give", target=book, input={"to": pia})
    mira = given["by"]["id"]
    assert await differing(shelf, "Pia", f"from={begun['Pia']}") == {
        book: {"@owner": (mira, pia), "mark": ("-", "x")},
    }  # fmt: skip
    assert await differing(shelf, "Mira", f"from={begun['Mira']}") == {
        book: {"@owner": (mira, pia), "mark": ("x", "-")},
    }  # fmt: skip
