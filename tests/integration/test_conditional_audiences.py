"""Audiences on a condition follow what the entity holds, in state and in past states; events keep theirs."""

from collections.abc import AsyncIterator

import pytest

from tests.checking import check
from tests.playing import Playing, play
from tests.serving import serving

PACK = """
pack: board
version: 1.0.0
title: Board
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  notice:
    owned: true
    visible_to: [{when: self.pinned, to: [members]}, owner]
    fields:
      name:   {type: text, required: true}
      pinned: {type: boolean, default: false}
      heat:   {type: meter, max: 2}
      hot:    {type: boolean, computed: "self.heat == 2"}
      answer: {type: text, visible_to: [{when: self.hot, to: [members]}, owner], discloses: [self.hot]}
actions:
  write:
    input: {name: text, answer: {type: text, required: false}}
    allow: "true"
    effects:
      - create: {kind: notice, name: written, owner: me, fields: {name: =input.name}}
      - {if: is_set(input.answer), then: [{set: {written.answer: =input.answer}}]}
    visible_to: [{when: written.pinned, to: [members]}, actor]
  pin:
    target: notice
    input: {to: boolean}
    allow: "true"
    effects: [{set: {target.pinned: =input.to}}]
    visible_to: [{when: target.pinned, to: [members]}, actor]
  heat:
    target: notice
    input: {by: integer}
    allow: "true"
    effects: [{add: {target.heat: =input.by}}]
    visible_to: [nobody]
"""


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[Playing]:
    """Yield a world with a board."""
    async with serving(database_url) as server:
        yield await play(server, PACK, "board")


async def test_a_change_that_a_condition_reads_moves_all_that_it_decides(board: Playing) -> None:
    await board.do("Mira", "write", input={"name": "ball", "answer": "yes"})
    key = await board.id_of("notice", "ball", "Mira")
    assert await board.all("Pia", "notice") == {}
    await board.do("Mira", "pin", target=key, input={"to": True})
    assert (await board.all("Pia", "notice"))["ball"]["fields"] == {
        "name": "ball",
        "pinned": True,
        "heat": 0,
        "hot": False,
    }
    await board.do("Mira", "heat", target=key, input={"by": 2})
    assert (await board.all("Pia", "notice"))["ball"]["fields"]["answer"] == "yes"
    await board.do("Mira", "pin", target=key, input={"to": False})
    # The answer has an audience of its own, which does not ask whether the notice is pinned.
    assert (await board.get("Pia", f"/entities/{key}")).json()["data"]["fields"] == {"answer": "yes"}
    await board.do("Mira", "heat", target=key, input={"by": -1})
    assert (await board.get("Pia", f"/entities/{key}")).status_code == 404
    assert set((await board.all("Mira", "notice"))["ball"]["fields"]) == {"name", "pinned", "heat", "hot", "answer"}
    await check(board)


async def test_each_side_of_a_change_is_seen_by_those_who_saw_the_field_then(board: Playing) -> None:
    await board.do("Mira", "write", input={"name": "ball"})
    key = await board.id_of("notice", "ball", "Mira")
    place = {"entity": key, "kind": "notice", "field": "pinned"}
    assert "write" not in [event.get("type") for event in await board.feed("Pia")]
    await board.do("Mira", "pin", target=key, input={"to": True})
    opened = (await board.feed("Pia"))[0]
    assert (opened["type"], opened["changes"]) == ("pin", [place | {"after": True}])
    await board.do("Mira", "pin", target=key, input={"to": False})
    closed = (await board.feed("Pia"))[0]
    assert (closed.get("type"), closed["changes"]) == (None, [place | {"before": True}])
    assert opened["id"] in [event["id"] for event in await board.feed("Pia")]
    await check(board)


async def test_a_meter_that_fills_is_told_to_those_who_see_it_after_all_that_comes_of_it(board: Playing) -> None:
    await board.do("Mira", "write", input={"name": "ball"})
    key = await board.id_of("notice", "ball", "Mira")
    await board.do("Mira", "heat", target=key, input={"by": 2})
    assert "meter.filled" not in [event.get("type") for event in await board.feed("Pia")]
    await board.do("Mira", "pin", target=key, input={"to": True})
    await board.do("Mira", "heat", target=key, input={"by": -2})
    assert "meter.emptied" in [event.get("type") for event in await board.feed("Pia")]
    await check(board)
