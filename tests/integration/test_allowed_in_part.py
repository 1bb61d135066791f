"""What may be done, asked before all is given: nothing is told of rules that one does not get to."""

from collections.abc import AsyncIterator

import pytest

from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: parts
version: 1.0.0
title: Parts
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  gang:
    visible_to: [everyone]
    group: {through: pawn.gang}
    fields:
      name:  {type: text, required: true}
      hoard: {type: integer, default: 0, visible_to: [group, gm]}
      plan:  {type: integer, visible_to: [group, gm]}
  pawn:
    owned: true
    visible_to: [everyone]
    fields:
      name: {type: text, required: true}
      gang: {type: ref, kind: gang}
actions:
  found:
    input: {name: text, hoard: integer, plan: {type: integer, required: false}}
    allow: me.admin
    effects:
      - create: {kind: gang, fields: {name: =input.name, hoard: =input.hoard, plan: =?input.plan}}
    visible_to: [gm]
  spend:
    actor: pawn
    target: gang
    allow: "actor.gang == target.id"
    require:
      - {that: "target.hoard >= 5", else: "{target.name} has only {target.hoard}"}
    approval: {by: [gm], unless: "target.hoard >= 9"}
    visible_to: [group of target]
  press:
    actor: pawn
    target: gang
    allow: "target.plan > 3 && actor.gang == target.id"
    visible_to: [group of target]
"""


@pytest.fixture
async def parts(database_url: str) -> AsyncIterator[Playing]:
    """Gia's world, with Mira and Pia as players."""
    async with serving(database_url) as server:
        yield await play(server, PACK, "parts")


async def test_what_stands_behind_a_rule_that_is_open_is_not_told(parts: Playing) -> None:
    await parts.do("Gia", "found", input={"name": "a", "hoard": 3})
    await parts.do("Gia", "found", input={"name": "b", "hoard": 7, "plan": 1})
    await parts.do("Gia", "found", input={"name": "c", "hoard": 9, "plan": 9})
    told = set()
    for gang in (await parts.all("Gia", "gang")).values():
        answer = await parts.get("Mira", f"/entities/{gang['id']}/allowed")
        assert answer.status_code == 200, answer.text
        told.add(answer.text)
    assert len(told) == 1, told
