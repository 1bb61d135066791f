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


GANGS = """
pack: gangs
version: 1.0.0
roles:
  gm:     {sees: everything}
  player: {default: true}
kinds:
  gang:
    visible_to: [gm]
    group: {through: pawn.gang}
    fields: {name: {type: text, required: true, max_length: 80}}
  pawn:
    owned: true
    visible_to: [everyone]
    fields:
      name: {type: text, required: true}
      gang: {type: ref, kind: gang, visible_to: [gm]}
actions:
  make:
    input: {name: text}
    allow: "true"
    effects: [{create: {kind: pawn, owner: me, fields: {name: =input.name}}}]
    visible_to: [everyone]
  gather:
    input: {name: {type: text, max_length: 80}}
    allow: me.admin
    effects: [{create: {kind: gang, fields: {name: =input.name}}}]
    visible_to: [gm]
  put:
    target: pawn
    input: {gang: {type: ref, kind: gang}}
    allow: me.admin
    effects: [{set: {target.gang: =input.gang}}]
    visible_to: [gm]
  shout:
    target: gang
    allow: me.admin
    visible_to: [members, group of target]
  whisper:
    target: gang
    allow: me.admin
    visible_to: [group of target]
"""


async def test_a_hidden_group_is_no_reason_where_there_is_another(database_url: str) -> None:
    """Mira's pawn is in a gang of which neither of them knows."""
    async with serving(database_url) as server:
        gangs = await play(server, GANGS, "gangs")
        for who in ("Mira", "Pia"):
            await gangs.do(who, "make", input={"name": who})
        await gangs.do("Gia", "gather", input={"name": "Knives"})
        gang = await gangs.id_of("gang", "Knives")
        await gangs.do("Gia", "put", target=await gangs.id_of("pawn", "Mira"), input={"gang": gang})
        (shouted,) = await gangs.do("Gia", "shout", target=gang)
        (whispered,) = await gangs.do("Gia", "whisper", target=gang)
        answers = [(await gangs.get(who, f"/events/{shouted['id']}/explain")).json()["data"] for who in ("Mira", "Pia")]
        assert answers[0] == answers[1]
        assert (await gangs.get("Pia", f"/events/{whispered['id']}/explain")).status_code == 404
        told = (await gangs.get("Mira", f"/events/{whispered['id']}/explain")).json()["data"]
        assert [reason["words"] for reason in told["seen"]] == ["you belong to a group that may see it"]
