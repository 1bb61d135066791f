"""What is hidden leaves no trace in what is shown: not in moments, in order, in entity tags or by errors."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.rules.asking import MAX_PROBLEMS
from tests.checking import check
from tests.playing import Playing, play
from tests.serving import codes, serving

PACK = """
pack: traces
version: 1.0.0
title: Traces
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  gang:
    visible_to: [everyone]
    group: {through: pawn.gang}
    fields: {name: {type: text, required: true}}
  chest:
    visible_to: [everyone]
    fields:
      name:  {type: text, max_length: 9, required: true}
      coins: {type: integer, default: 3, max: 3, visible_to: [gm]}
  pawn:
    owned: true
    visible_to: [everyone]
    fields:
      name:  {type: text, required: true}
      gang:  {type: ref, kind: gang, visible_to: [gm]}
      note:  {type: text, visible_to: [members, group of gang]}
      other: {type: text, visible_to: [members]}
      more:  {type: text, visible_to: [members, group of gang]}
actions:
  found:
    allow: "true"
    effects: [{create: {kind: gang, fields: {name: g}}}]
    visible_to: [everyone]
  join:
    input: {gang: {type: ref, kind: gang, required: false}}
    allow: "true"
    effects:
      - create: {kind: pawn, name: pawn, owner: me, fields: {name: p, note: n, other: o, more: m}}
      - {if: "is_set(input.gang)", then: [{set: {pawn.gang: "=input.gang"}}]}
    visible_to: [everyone]
  fill:
    allow: "true"
    effects: [{create: {kind: chest, name: chest, fields: {name: c}}}, {add: {chest.coins: 1}}]
    visible_to: [everyone]
  move:
    target: pawn
    input: {gang: {type: ref, kind: gang}}
    allow: "true"
    effects: [{set: {target.gang: "=input.gang"}}]
    visible_to: [gm]
  leave:
    target: pawn
    allow: "true"
    effects: [{own: {entity: target, owner: "=''"}}]
    visible_to: [members]
  write:
    target: pawn
    allow: "true"
    effects: [{set: {target.note: a}}, {set: {target.other: b}}, {set: {target.more: c}}]
    visible_to: [members]
  say:
    input: {loud: {type: boolean}}
    allow: "true"
    effects:
      - {if: input.loud, then: [{emit: {type: hush, visible_to: [gm]}}]}
      - emit: {type: said, visible_to: [everyone]}
    visible_to: [everyone]
  gather:
    allow: "true"
    effects:
      - for_each:
          item: x
          in: "=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
          do:
            - for_each:
                item: y
                in: "=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
                do:
                  - create: {kind: gang, name: gang, fields: {name: g}}
                  - create: {kind: pawn, owner: me, fields: {name: p, gang: =gang.id}}
    visible_to: [everyone]
"""


@pytest.fixture
async def table(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world in which each field of a pawn is seen by others."""
    async with serving(database_url) as server:
        yield await play(server, PACK, "traces")


async def gangs(table: Playing) -> list[str]:
    for _ in range(2):
        await table.do("Gia", "found")
    return [gang["id"] for gang in (await table.get("Gia", "/entities?kind=gang")).json()["data"]]


async def pawn(table: Playing, **given: Any) -> str:
    return str((await table.do("Mira", "join", input=given))[0]["changes"][0]["entity"])


async def seen(table: Playing, who: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = (await table.get(who, f"/entities/{key}")).json()["data"]
    return found


async def test_a_hidden_event_between_two_that_are_seen_leaves_no_step_in_time(table: Playing) -> None:
    for loud in (False, True):
        await table.do("Gia", "say", input={"loud": loud})
        said, acted = (await table.feed("Pia"))[:2]
        assert (said["type"], acted["type"]) == ("said", "say")
        assert said["at"] == acted["at"]


async def test_the_order_of_changes_does_not_depend_on_a_hidden_field(table: Playing) -> None:
    gang = (await gangs(table))[0]
    for key in (await pawn(table), await pawn(table, gang=gang)):
        await table.do("Mira", "write", target=key)
        changes = (await table.feed("Pia"))[0]["changes"]
        assert [change["field"] for change in changes] == ["note", "other", "more"]
        assert set(changes[0]) == {"entity", "kind", "field", "before", "after"}


async def test_others_who_come_to_see_a_field_are_no_change_to_who_saw_it_before(table: Playing) -> None:
    one, other = await gangs(table)
    key = await pawn(table, gang=one)
    before = await seen(table, "Pia", key)
    table.server.clock.advance(timedelta(minutes=1))
    await table.do("Gia", "move", target=key, input={"gang": other})
    assert await seen(table, "Pia", key) == before
    await check(table)


async def test_a_new_owner_is_a_change_to_all_who_see_the_owner(table: Playing) -> None:
    key = await pawn(table)
    before = await seen(table, "Pia", key)
    table.server.clock.advance(timedelta(minutes=1))
    await table.do("Mira", "leave", target=key)
    after = await seen(table, "Pia", key)
    assert after["updated_at"] > before["updated_at"]
    assert after["etag"] != before["etag"]
    await check(table)


async def test_who_is_in_many_groups_reads_as_others_do(table: Playing) -> None:
    await table.do("Mira", "gather")
    for path in ("/feed", "/entities?kind=gang"):
        first = (await table.get("Mira", f"{path}{'&' if '?' in path else '?'}limit=3")).json()
        assert first["data"] == (await table.get("Mira", path)).json()["data"][:3]


@pytest.mark.parametrize("garbage", ["garbage", "é" * 36, "0"])
async def test_what_is_no_id_is_not_found_wherever_it_stands(table: Playing, garbage: str) -> None:
    key = await pawn(table)
    for path in ("/actions", f"/entities/{key}/allowed"):
        answer = await table.call("Mira", "GET", path, params={"actor": garbage})
        assert answer.status_code == 200, answer.text
    for headers in ({}, {"If-Match": '"x"'}):
        answer = await table.act("Mira", "write", target=garbage, headers=headers)
        assert (answer.status_code, codes(answer)) == (404, ["not_found"])


async def test_a_field_over_its_bounds_does_not_tell_what_it_would_be(table: Playing) -> None:
    (error,) = (await table.act("Mira", "fill")).json()["errors"]
    assert (error["code"], error["message"]) == ("out_of_bounds", "chest.coins is too large; the most allowed is 3")


async def test_a_guard_that_guards_nothing_is_a_mistake(table: Playing) -> None:
    before = await table.tables()
    answer = await table.act("Mira", "found", headers={"If-Match": '"x"'})
    assert (answer.status_code, codes(answer)) == (422, ["invalid"])
    assert await table.tables() == before


async def test_of_very_many_mistakes_not_all_are_told(table: Playing) -> None:
    answer = await table.act("Mira", "join", input={f"gan{number}": 1 for number in range(50_000)})
    assert answer.status_code == 422
    assert len(codes(answer)) == MAX_PROBLEMS
