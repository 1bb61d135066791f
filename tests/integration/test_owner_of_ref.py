"""`owner of <ref>` on kinds and fields follows the owner of what the ref leads to, by the event that moves it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from reality_engine.state.models import EntityRow, PastEntityRow
from tests.checking import check
from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: manor
version: 1.0.0
title: Manor
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  house:
    owned: true
    visible_to: [members]
    fields: {name: {type: text, required: true}}
  room:
    visible_to: [members]
    fields:
      name:  {type: text, required: true}
      house: {type: ref, kind: house}
      key:   {type: text, visible_to: [owner of house]}
      locked: {type: boolean, default: false}
      hatch: {type: text, visible_to: [{when: self.locked, to: [owner of house]}]}
actions:
  build:
    input: {name: text}
    allow: "true"
    effects:
      - create: {kind: house, name: built, fields: {name: =input.name}}
      - create: {kind: room, fields: {name: =input.name, house: =built.id, key: rusty, hatch: attic}}
    visible_to: [members]
  give:
    target: house
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
    visible_to: [members]
  pull_down: {target: house, allow: "true", effects: [{delete: target}], visible_to: [members]}
  rebuild: {target: house, allow: "true", effects: [{restore: target}], visible_to: [members]}
  close: {target: room, allow: "true", effects: [{delete: target}], visible_to: [members]}
  open: {target: room, allow: "true", effects: [{restore: target}], visible_to: [members]}
  lock: {target: room, allow: "true", effects: [{set: {target.locked: "=!target.locked"}}], visible_to: [members]}
  move:
    target: room
    input: {house: {type: ref, kind: house, required: false}}
    allow: "true"
    effects:
      - {if: is_set(input.house), then: [{set: {target.house: =input.house}}], else: [{set: {target.house: null}}]}
    visible_to: [members]
  fill:
    target: house
    allow: "true"
    effects:
      - for_each:
          item: x
          in: "=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
          do:
            - for_each:
                item: y
                in: "=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
                do: [{create: {kind: room, fields: {name: r, house: =target.id, key: k}}}]
    visible_to: [nobody]
  swap:
    input: {one: {type: ref, kind: house}, other: {type: ref, kind: house}, to: text}
    allow: "true"
    effects:
      - own: {entity: input.one, owner: =input.to}
      - own: {entity: input.other, owner: =input.to}
    visible_to: [nobody]
"""


@pytest.fixture
async def manor(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world in which Mira has a house with a room, whose key only she sees."""
    async with serving(database_url) as server:
        playing = await play(server, PACK, "manor")
        await playing.do("Mira", "build", input={"name": "hall"})
        yield playing


async def user(manor: Playing, name: str) -> str:
    found = (await manor.all("Gia", "member")).values()
    return str(next(one["fields"]["user"] for one in found if one["fields"]["name"].startswith(name)))


async def keys(manor: Playing, field: str = "key") -> set[str]:
    """Return who sees a field of the room."""
    seen = set()
    for who in ("Mira", "Pia"):
        if any(field in room["fields"] for room in (await manor.all(who, "room")).values()):
            seen.add(who)
    await check(manor)
    return seen


async def test_it_follows_the_owner_and_events_keep_theirs(manor: Playing) -> None:
    house, room = await manor.id_of("house", "hall"), await manor.id_of("room", "hall")
    assert await keys(manor) == {"Mira"}
    await manor.do("Gia", "give", target=house, input={"to": await user(manor, "Pia")})
    assert await keys(manor) == {"Pia"}
    built = (await manor.feed("Pia"))[1]["changes"]
    assert "key" not in [change["field"] for change in built]
    assert "key" in [change["field"] for change in (await manor.feed("Mira"))[1]["changes"]]
    await manor.do("Gia", "give", target=house, input={"to": ""})
    assert await keys(manor) == set()
    kept = (await manor.get("Gia", f"/entities/{room}")).json()["data"]
    assert "@audience" not in kept["fields"]


async def test_it_follows_the_life_of_what_the_ref_leads_to(manor: Playing) -> None:
    house = await manor.id_of("house", "hall")
    await manor.do("Gia", "pull_down", target=house)
    assert await keys(manor) == set()
    await manor.do("Gia", "rebuild", target=house)
    assert await keys(manor) == {"Mira"}


async def test_it_follows_the_ref(manor: Playing) -> None:
    await manor.do("Pia", "build", input={"name": "barn"})
    room, barn = await manor.id_of("room", "hall"), await manor.id_of("house", "barn")
    await manor.do("Pia", "close", target=await manor.id_of("room", "barn"))
    await manor.do("Gia", "move", target=room, input={"house": barn})
    assert await keys(manor) == {"Pia"}
    await manor.do("Gia", "move", target=room, input={})
    assert await keys(manor) == set()


async def test_what_was_deleted_meanwhile_is_up_to_date_when_it_is_restored(manor: Playing) -> None:
    house, room = await manor.id_of("house", "hall"), await manor.id_of("room", "hall")
    await manor.do("Gia", "close", target=room)
    await manor.do("Gia", "give", target=house, input={"to": await user(manor, "Pia")})
    assert await keys(manor) == set()
    await manor.do("Gia", "open", target=room)
    assert await keys(manor) == {"Pia"}


async def test_it_may_stand_on_a_condition(manor: Playing) -> None:
    house, room = await manor.id_of("house", "hall"), await manor.id_of("room", "hall")
    assert await keys(manor, "hatch") == set()
    await manor.do("Gia", "lock", target=room)
    assert await keys(manor, "hatch") == {"Mira"}
    await manor.do("Gia", "give", target=house, input={"to": await user(manor, "Pia")})
    assert await keys(manor, "hatch") == {"Pia"}
    await manor.do("Gia", "lock", target=room)
    assert await keys(manor, "hatch") == set()


async def test_nobody_but_who_sees_everything_is_told_of_the_note(manor: Playing) -> None:
    house = await manor.id_of("house", "hall")
    await manor.do("Gia", "give", target=house, input={"to": await user(manor, "Pia")})
    for who in ("Mira", "Pia"):
        assert [change["field"] for change in (await manor.feed(who))[0]["changes"]] == ["@owner"]
    assert [change["field"] for change in (await manor.feed("Gia"))[0]["changes"]] == ["@owner", "@audience"]


async def test_very_many_follow_at_once(manor: Playing) -> None:
    house = await manor.id_of("house", "hall")
    await manor.do("Pia", "build", input={"name": "barn"})
    barn = await manor.id_of("house", "barn")
    for _ in range(2):
        await manor.do("Gia", "fill", target=house)
        await manor.do("Gia", "fill", target=barn)
    pia = await user(manor, "Pia")
    await manor.do("Gia", "swap", input={"one": house, "other": barn, "to": pia})
    state: Any = manor.server.app.state
    async with state.context.units.read() as unit:
        noted = list(await unit.session.scalars(select(EntityRow.audience).where(EntityRow.kind == "room")))
        past = list(await unit.session.scalars(select(PastEntityRow.audience).where(PastEntityRow.kind == "room")))
    assert noted == [{"owners": {"house": pia}}] * 402
    assert past == [{"owners": {"house": await user(manor, "Mira")}}] * 201
    await check(manor)
