"""The history of an entity over HTTP: what changed of what the viewer saw, by which event, and no more."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.playing import NOWHERE, Playing, play
from tests.serving import codes, serving

PACK = """
pack: shelf
version: 1.0.0
title: Shelf
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  book:
    owned: true
    visible_to: [members]
    fields:
      name: {type: text, required: true, max_length: 80}
      page: {type: integer, default: 0}
      mark: {type: text, visible_to: [owner, gm]}
  chest:
    visible_to: [{when: self.open, to: [members]}]
    fields: {open: {type: boolean, default: false}, name: {type: text, default: chest}}
actions:
  bring:
    input: {name: {type: text, max_length: 80}}
    allow: "true"
    effects: [{create: {kind: book, name: book, owner: me, fields: {name: =input.name}}}]
    visible_to: [members]
  turn:
    target: book
    input: {to: integer}
    allow: "true"
    effects: [{set: {target.page: =input.to}}]
    visible_to: [actor]
  note:
    target: book
    input: {mark: text}
    allow: target.owner == me.id
    effects: [{set: {target.mark: =input.mark}}]
    visible_to: [nobody]
  give:
    target: book
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
    visible_to: [members]
  burn: {target: book, allow: "true", effects: [{delete: target}], visible_to: [members]}
  store: {allow: "'gm' in me.roles", effects: [{create: {kind: chest, name: chest}}], visible_to: [nobody]}
  open:
    target: chest
    input: {open: boolean}
    allow: "'gm' in me.roles"
    effects: [{set: {target.open: =input.open}}]
    visible_to: [nobody]
reactions:
  skip: {to: {action: turn}, when: input.to == 7, effects: [{set: {target.page: 8}}], visible_to: [members]}
"""


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        yield await play(server, PACK, "shelf")


async def read(shelf: Playing, who: str, path: str) -> Any:
    answer = await shelf.get(who, path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(shelf: Playing, who: str, entity: str) -> list[tuple[str | None, dict[str, tuple[Any, ...]]]]:
    """Return of each item the type of its event, and by field what it was and is; `-` for a side that is absent."""
    items = (await read(shelf, who, f"/entities/{entity}/history"))["data"]
    return [
        (
            item.get("event", {}).get("type"),
            {
                one["field"]: (one.get("before", "-"), one.get("after", "-"))
                for one in item["changes"]
            } | {name: () for name in ("appeared", "vanished") if item.get(name)},
        )
        for item in items
    ]  # fmt: skip


async def test_it_tells_what_changed_and_by_what_as_far_as_one_saw_it(shelf: Playing) -> None:
    (brought,) = await shelf.do("Mira", "bring", input={"name": "Atlas"})
    mira = brought["by"]["id"]
    book = await shelf.id_of("book", "Atlas")
    await shelf.do("Mira", "turn", target=book, input={"to": 7})
    await shelf.do("Mira", "note", target=book, input={"mark": "x"})
    made: dict[str, Any] = {
        "@life": (None, "live"), "@owner": (None, mira), "name": (None, "Atlas"), "page": (None, 0), "appeared": (),
    }  # fmt: skip
    skipped: tuple[str | None, dict[str, Any]] = ("skip", {"page": (7, 8)})
    seen = [skipped, ("turn", {"page": (0, 7)}), ("bring", made)]
    assert await told(shelf, "Gia", book) == [("note", {"mark": (None, "x")}), *seen]
    assert await told(shelf, "Mira", book) == [(None, {"mark": (None, "x")}), *seen]
    assert await told(shelf, "Pia", book) == [skipped, (None, {"page": (0, 7)}), ("bring", made)]
    pia = (await shelf.all("Gia", "member"))["Pia"]["fields"]["user"]
    await shelf.do("Mira", "give", target=book, input={"to": pia})
    assert (await told(shelf, "Pia", book))[0] == ("give", {"mark": ("-", "x"), "@owner": (mira, pia)})
    assert (await told(shelf, "Mira", book))[:2] == [
        ("give", {"mark": ("x", "-"), "@owner": (mira, pia)}), (None, {"mark": (None, "x")}),
    ]  # fmt: skip
    await shelf.do("Mira", "burn", target=book)
    assert (await told(shelf, "Mira", book))[0] == ("burn", {"@life": ("live", "deleted"), "vanished": ()})
    assert (await told(shelf, "Gia", book))[0] == ("burn", {"@life": ("live", "deleted")})
    assert codes(await shelf.get("Otto", f"/entities/{book}/history")) == ["not_found"]


async def test_pages_go_on_where_the_one_before_ended_and_what_is_hidden_makes_none_shorter(shelf: Playing) -> None:
    await shelf.do("Mira", "bring", input={"name": "Atlas"})
    book = await shelf.id_of("book", "Atlas")
    for number in range(1, 6):
        await shelf.do("Mira", "turn", target=book, input={"to": number * 10})
        await shelf.do("Mira", "note", target=book, input={"mark": str(number)})
    whole = (await read(shelf, "Pia", f"/entities/{book}/history"))["data"]
    paged, cursor = [], ""
    while True:
        page = await read(shelf, "Pia", f"/entities/{book}/history?limit=2{cursor}")
        paged += page["data"]
        if "next" not in page["meta"]:
            break
        assert len(page["data"]) == 2
        cursor = f"&cursor={page['meta']['next']}"
    assert paged == whole
    assert len(whole) == 6


async def test_what_opens_and_closes_appears_and_vanishes(shelf: Playing) -> None:
    (stored,) = await shelf.do("Gia", "store")
    chest = stored["changes"][0]["entity"]
    assert codes(await shelf.get("Pia", f"/entities/{chest}/history")) == ["not_found"]
    assert codes(await shelf.get("Pia", f"/entities/{NOWHERE}/history")) == ["not_found"]
    for opened in (True, False, True):
        await shelf.do("Gia", "open", target=chest, input={"open": opened})
    appeared = (None, {"open": ("-", True), "name": ("-", "chest"), "appeared": ()})
    assert await told(shelf, "Pia", chest) == [appeared, (None, {"open": (True, "-"), "vanished": ()}), appeared]


async def test_blame_says_which_event_and_rule_gave_each_field_its_value(shelf: Playing) -> None:
    await shelf.do("Mira", "bring", input={"name": "Atlas"})
    book = await shelf.id_of("book", "Atlas")
    turned, skipped = await shelf.do("Mira", "turn", target=book, input={"to": 7})
    await shelf.do("Mira", "note", target=book, input={"mark": "x"})

    async def blamed(who: str) -> dict[str, Any]:
        found = (await read(shelf, who, f"/entities/{book}/blame"))["data"]
        return {
            one["field"]: (one["value"], one.get("event", {}).get("type"), one.get("made_by", {}).get("name"))
            for one in found
        }

    whole = {"name": ("Atlas", "bring", "bring"), "page": (8, "skip", "skip")}
    assert await blamed("Gia") == {**whole, "mark": ("x", "note", "note")}
    assert await blamed("Mira") == {**whole, "mark": ("x", None, None)}
    assert await blamed("Pia") == whole
    await shelf.do("Mira", "turn", target=book, input={"to": 8})
    await shelf.do("Mira", "turn", target=book, input={"to": 9})
    then = (await read(shelf, "Pia", f"/entities/{book}"))["meta"]["cursor"]
    before = (await read(shelf, "Pia", f"/entities/{book}/history"))["data"]
    await shelf.do("Mira", "turn", target=book, input={"to": 10})
    past = await read(shelf, "Pia", f"/entities/{book}/history?as_of={then}")
    assert (past["data"], past["meta"]["as_of"]) == (before, then)
    (page,) = (await read(shelf, "Pia", f"/entities/{book}/blame?fields=page&as_of={then}"))["data"]
    assert page["value"] == 9
    (page,) = (await read(shelf, "Mira", f"/entities/{book}/blame?fields=page"))["data"]
    place = page["made_by"]["place"]
    assert page["made_by"] == {"kind": "action", "name": "turn", "place": place, "emitted": False}
    assert PACK.splitlines()[place["line"] - 1].startswith("  turn:")
    assert page["event"]["by"] == turned["by"]
    assert "changes" not in page["event"]
    assert codes(await shelf.get("Pia", f"/entities/{book}/blame?fields=nothing")) == ["unknown_field"]
    assert codes(await shelf.get("Otto", f"/entities/{book}/blame")) == ["not_found"]
    assert skipped["type"] == "skip"
