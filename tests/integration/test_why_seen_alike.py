"""Why one sees an event is told alike, whoever else sees which of its parts."""

from collections.abc import AsyncIterator

import pytest

from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: alike
version: 1.0.0
title: Alike
roles:
  gm:     {title: Game master, sees: everything}
  scribe: {title: Scribe}
  player: {title: Player, default: true}
kinds:
  pawn:
    owned: true
    visible_to: [everyone]
    fields:
      name: {type: text, required: true}
      boss: {type: ref, kind: pawn, visible_to: [gm]}
      note: {type: text, visible_to: [owner, scribe, owner of boss]}
actions:
  make:
    input: {name: text}
    allow: "true"
    effects: [{create: {kind: pawn, owner: me, fields: {name: =input.name}}}]
    visible_to: [everyone]
  put:
    target: pawn
    input: {boss: {type: ref, kind: pawn}}
    allow: me.admin
    effects: [{set: {target.boss: =input.boss}}]
    visible_to: [gm]
  pair:
    target: pawn
    input: {other: {type: ref, kind: pawn}}
    allow: "target.owner == me.id && input.other.owner == me.id"
    effects: [{set: {input.other.note: done}}]
    visible_to: [owner of target, scribe]
"""


@pytest.fixture
async def alike(database_url: str) -> AsyncIterator[Playing]:
    """Gia's world, with Mira and Pia as players."""
    async with serving(database_url) as server:
        yield await play(server, PACK, "alike")


async def test_reasons_do_not_tell_which_parts_have_the_same_audience(alike: Playing) -> None:
    """The note of one of two pawns is seen by the owner of its hidden boss too, that of the other is not."""
    for name in ("a", "b", "c"):
        await alike.do("Mira", "make", input={"name": name})
    await alike.do("Pia", "make", input={"name": "boss"})
    boss = await alike.id_of("pawn", "boss")
    await alike.do("Gia", "put", target=await alike.id_of("pawn", "c"), input={"boss": boss})
    first, told = await alike.id_of("pawn", "a"), []
    for name in ("b", "c"):
        other = await alike.id_of("pawn", name)
        (event,) = await alike.do("Mira", "pair", target=first, input={"other": other})
        seen = (await alike.get("Mira", f"/events/{event['id']}/explain")).json()["data"]["seen"]
        told.append([(one["because"], one["parts"], one.get("entity") == other) for one in seen])
    assert told[0] == told[1]
    assert ("owner", ["changes"], True) in told[0]
