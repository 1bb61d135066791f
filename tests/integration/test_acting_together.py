"""Many actions by one request, all or none."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.playing import NOWHERE, Playing
from tests.serving import codes
from tests.tables import ANSWERS

Wishes = list[dict[str, Any]]
NOTE: dict[str, Any] = {"action": "annotate", "input": {"about": 1}}


async def together(table: Playing, who: str, actions: Wishes, key: str | None = None) -> httpx2.Response:
    """Send an atomic batch."""
    headers = {"Idempotency-Key": key} if key else {}
    return await table.call(
        who, "POST", "/actions/batch", json={"atomic": True, "actions": actions}, headers=headers
    )  # fmt: skip


async def test_each_sees_what_those_before_it_did(table: Playing) -> None:
    cass, bel = await table.character("Mira", "Cass"), await table.character("Mira", "Bel")
    give = {"action": "give_coin", "actor": cass, "target": bel, "input": {"coin": 1}}
    back = {"action": "give_coin", "actor": bel, "target": cass, "input": {"coin": 4}}
    refused = await together(table, "Mira", [give, back])
    assert (refused.status_code, codes(refused)) == (422, ["invariant_broken"])
    answer = await together(table, "Mira", [give, give, back])
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]
    assert [(one["status"], one["outcome"], one["repeated"]) for one in found] == [(200, "accepted", False)] * 3
    people = await table.all("Gia", "character")
    assert [people[name]["fields"]["coin"] for name in ("Cass", "Bel")] == [4, 0]
    newest = await table.feed("Gia", 3)
    assert [event["id"] for event in reversed(newest)] == [one["events"][0]["id"] for one in found]


@pytest.mark.parametrize(
    ("wish", "status", "code", "field"),
    [
        ({"action": "tick_clock", "target": "$clock", "input": {"ticks": 9}}, 422, "invalid_input", ".input.ticks"),
        ({"action": "tick_clock", "target": NOWHERE}, 404, "not_found", ".target"),
        ({"action": "nothing"}, 404, "unknown_action", ".action"),
        ({"action": "start_clock", "input": {"name": "First", "stakes": "?"}}, 409, "not_unique", ""),
        ({"action": "tick_clock", "target": "$clock", "if_match": "old"}, 412, "stale", ".if_match"),
        ({"action": "tick_clock", "target": NOWHERE, "if_match": "old"}, 404, "not_found", ""),
        ({**NOTE, "if_match": "old"}, 422, "invalid", ".if_match"),
        ({"action": "divide", "input": {"by": 2}}, 422, "invalid", ".action"),
    ],
)
async def test_one_refused_leaves_nothing_of_all(
    table: Playing, wish: dict[str, Any], status: int, code: str, field: str
) -> None:
    clock = await table.id_of("clock", "The docks close")
    wish = {**wish, **({"target": clock} if wish.get("target") == "$clock" else {})}
    make = {"action": "start_clock", "input": {"name": "First", "stakes": "?"}}
    before = await table.tables()
    answer = await together(table, "Gia", [make, NOTE, wish, NOTE])
    told = answer.json()
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert (told["data"], told["index"], told["errors"][0]["field"]) == (None, 2, f"actions.2{field}")
    assert ("present" in told) == (status == 412)
    assert await table.tables() == before
    # And nothing of it is remembered either.
    assert (await together(table, "Gia", [make, NOTE])).status_code == 200


async def test_the_key_covers_the_whole(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    tick: dict[str, Any] = {"action": "tick_clock", "target": clock}
    first = await together(table, "Gia", [tick, tick], "evening")
    before = await table.tables()
    again = await together(table, "Gia", [tick, tick], "evening")
    assert [one["repeated"] for one in again.json()["data"]] == [True, True]
    assert [one["events"] for one in again.json()["data"]] == [one["events"] for one in first.json()["data"]]
    for other in ([tick], [tick, tick, tick], [tick, {**tick, "input": {"ticks": 2}}]):
        answer = await together(table, "Gia", other, "evening")
        assert (answer.status_code, codes(answer)) == (422, ["idempotency_key_reused"])
    alone = await table.act("Gia", "tick_clock", key="evening", target=clock)
    assert codes(alone) == ["idempotency_key_reused"]
    assert await table.tables() == before


async def test_a_refusal_is_kept_under_the_key_and_nothing_else(table: Playing) -> None:
    make = {"action": "start_clock", "input": {"name": "First", "stakes": "?"}}
    before = await table.tables(*ANSWERS)
    first, again = [await together(table, "Gia", [make, make], "twice") for _ in range(2)]
    assert (first.status_code, first.json()) == (409, again.json())
    assert first.json()["index"] == 1
    assert await table.tables(*ANSWERS) == before


async def test_tags_are_those_from_before_the_batch(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    seen = (await table.all("Gia", "clock"))["The docks close"]["etag"]
    tick = {"action": "tick_clock", "target": clock, "if_match": seen}
    assert (await together(table, "Gia", [tick, tick])).status_code == 200
    stale = await together(table, "Gia", [{"action": "tick_clock", "target": clock}, tick])
    assert (stale.status_code, stale.json()["present"]["fields"]["ticks"]) == (412, 4)


async def test_what_is_left_to_chance_comes_last(table: Playing) -> None:
    deck = (await table.get("Gia", "/entities?kind=deck")).json()["data"][0]["id"]
    chances: Wishes = [{"action": "divide", "input": {"by": 2}}, {"action": "draw_card", "target": deck}]
    for chance in chances:
        first = await together(table, "Gia", [chance, NOTE])
        assert (first.status_code, first.json()["index"]) == (422, 0)
        assert (await together(table, "Gia", [NOTE, chance])).status_code == 200


async def test_a_thousand_are_written_at_once_beside_others(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    whole, *others = await asyncio.gather(
        together(table, "Mira", [NOTE] * 1000), *(table.act("Gia", "annotate", input={"about": 2}) for _ in range(10)),
        table.act("Gia", "tick_clock", target=clock),
    )  # fmt: skip
    assert whole.status_code == 200, whole.text
    assert {answer.status_code for answer in others} == {200}
    ids = {one["events"][0]["id"] for one in whole.json()["data"]}
    assert len(ids) == 1000
    newest = {event["id"]: event["position"] for event in await table.feed("Gia", 50)}
    assert max(newest.values()) >= 1011
