"""Many actions by one request, each for itself: in order, each with the answer that it would have had alone."""

import asyncio
import copy
from typing import Any

import httpx2
import pytest

from reality_engine.actions.waiting import MAX_WAITING_OF_WORLD
from reality_engine.projection.verify import verify
from tests.playing import NOWHERE, Playing
from tests.serving import codes

Wishes = list[dict[str, Any]]


async def batch(table: Playing, who: str | None, actions: Any, **more: Any) -> httpx2.Response:
    """Send a batch."""
    body = {"actions": actions, **more.pop("body", {})}
    return await table.call(who, "POST", "/actions/batch", json=body, **more)


async def results(table: Playing, who: str, actions: Wishes) -> list[dict[str, Any]]:
    """Send a batch, which must be answered, and return its results."""
    answer = await batch(table, who, actions)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["meta"], answer.json()["errors"]) == ({}, [])
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def check(table: Playing) -> None:
    """Hold everything that is stored to the log."""
    context = table.server.app.state
    async with context.context.units.read() as unit:
        await verify(unit, table.world, context.packs)


async def test_each_gets_the_answer_that_it_would_have_had_alone(table: Playing) -> None:
    cass, bel = await table.character("Mira", "Cass"), await table.character("Pia", "Bel")
    crows = await table.id_of("faction", "The Crows")
    wishes: Wishes = [
        {"action": "keep_secret", "actor": cass, "input": {"secret": "mine"}},
        {"action": "advance_plan", "actor": cass, "target": crows, "input": {"effort": 9}},
        {"action": "nothing"},
        {"action": "advance_plan", "actor": cass, "target": NOWHERE},
        {"action": "advance_plan", "actor": bel, "target": crows},
        {"action": "advance_plan", "actor": cass, "target": crows, "input": {"effort": 3}},
        {"action": "give_coin", "actor": cass, "target": bel, "input": {"coin": 20}},
        {"action": "weigh", "actor": cass, "input": {"weight": "heavy", "more": [1]}},
        {"action": "join_as", "input": {"name": "Dora", "faction": crows}},
        {"action": "start_clock", "input": {"name": "Noon", "stakes": "All"}},
    ]
    alone = []
    for wish in copy.deepcopy(wishes):
        answer = await table.act("Mira", wish.pop("action"), **wish)
        alone.append((answer.status_code, answer.json()["errors"]))
    together = await results(table, "Mira", wishes)
    assert [(one["status"], one.get("errors", [])) for one in together] == alone
    assert {status for status, _ in alone} >= {200, 403, 404, 422}
    for one in together:
        assert one["outcome"] == ("accepted" if one["status"] == 200 else "refused")
    assert together[0]["events"][0]["action"] == "keep_secret"
    assert [made["kind"] for made in together[8]["created"]] == ["character"]
    await check(table)


async def test_answers_come_in_the_order_of_the_actions_each_seeing_those_before(table: Playing) -> None:
    names = [f"Clock {number}" for number in range(300)]
    made = await results(
        table, "Gia", [{"action": "start_clock", "input": {"name": one, "stakes": "?"}} for one in names]
    )
    for number in (0, 1, 127, 128, 299):
        clock = (await table.get("Gia", f"/entities/{made[number]['created'][0]['id']}")).json()["data"]
        assert clock["fields"]["name"] == names[number]
    positions = [one["events"][0]["position"] for one in made]
    assert positions == list(range(positions[0], positions[0] + len(names)))
    again = await results(
        table, "Gia", [{"action": "start_clock", "input": {"name": one, "stakes": "?"}} for one in ("A", "A", "B")]
    )
    assert [one["status"] for one in again] == [200, 409, 200]
    await check(table)


async def test_a_key_gives_the_stored_answer_within_a_batch_and_after_it(table: Playing) -> None:
    clock = await table.id_of("clock", "The docks close")
    tick = {"action": "tick_clock", "target": clock, "key": "one"}
    first = await results(table, "Gia", [tick, tick, {**tick, "input": {"ticks": 2}}, {**tick, "key": "two"}])
    assert [(one["status"], one.get("repeated")) for one in first] == [
        (200, False), (200, True), (422, None), (200, False),
    ]  # fmt: skip
    assert first[1]["events"] == first[0]["events"]
    assert [(one["code"], one["field"]) for one in first[2]["errors"]] == [("idempotency_key_reused", "key")]
    second = await results(table, "Gia", [tick, {**tick, "key": "two"}])
    assert [one["repeated"] for one in second] == [True, True]
    alone = await table.act("Gia", "tick_clock", key="one", target=clock)
    assert alone.json()["data"]["repeated"] is True
    assert (await table.all("Gia", "clock"))["The docks close"]["fields"]["ticks"] == 4


async def test_a_stale_tag_refuses_its_own_action_alone(table: Playing) -> None:
    cass = await table.character("Mira", "Cass")
    tag = (await table.all("Mira", "character"))["Cass"]["etag"]
    clock = await table.id_of("clock", "The docks close")
    seen = (await table.all("Gia", "clock"))["The docks close"]["etag"]
    found = await results(
        table,
        "Gia",
        [
            {"action": "tick_clock", "target": clock, "if_match": f'"{seen}"'},
            {"action": "tick_clock", "target": clock, "if_match": seen},
            {"action": "tick_clock", "target": clock, "if_match": tag},
            {"action": "start_clock", "input": {"name": "Noon", "stakes": "All"}, "if_match": tag},
            {"action": "lay_trap", "target": cass, "input": {"name": "Net"}, "if_match": "*"},
        ],
    )
    assert [one["status"] for one in found] == [200, 412, 412, 422, 200]
    assert found[1]["present"]["fields"]["ticks"] == 3
    assert found[1]["errors"][0]["field"] == "if_match"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"actions": []}, "actions"),
        ({"actions": [{"action": "echo"}] * 1001}, "actions"),
        ({}, "actions"),
        ({"actions": {"action": "echo"}}, "actions"),
        ({"actions": [{"action": "echo"}, {"input": {}}]}, "actions.1.action"),
        ({"actions": [{"action": "echo"}, {"action": "echo", "input": 3}]}, "actions.1.input"),
        ({"actions": [{"action": "echo", "since": "x"}]}, "actions.0.since"),
        ({"actions": [{"action": "echo", "key": "with space"}]}, "actions.0.key"),
        ({"actions": [{"action": "echo", "key": ""}]}, "actions.0.key"),
        ({"actions": [{"action": "echo"}], "atomic": "perhaps"}, "atomic"),
        ({"actions": [{"action": "echo"}], "more": 1}, "more"),
        ({"actions": [{"action": "echo"}, {"action": "echo", "key": "a"}], "atomic": True}, "actions.1.key"),
        ([{"action": "echo"}], "body"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_nothing_is_done_where_the_request_is_not_of_its_form(table: Playing, body: Any, field: str) -> None:
    before = await table.tables()
    answer = await table.call("Mira", "POST", "/actions/batch", json=body)
    assert (answer.status_code, codes(answer)) == (422, ["invalid"])
    assert answer.json()["errors"][0]["field"] == field
    assert await table.tables() == before


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_key_of_the_whole_is_for_atomic_batches(table: Playing) -> None:
    answer = await batch(table, "Mira", [{"action": "echo"}], headers={"Idempotency-Key": "whole"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_who_may_not_look_is_told_so_once_or_for_each(table: Playing) -> None:
    assert (await batch(table, None, [{"action": "echo"}])).status_code == 401
    assert [one["status"] for one in await results(table, "Otto", [{"action": "echo"}] * 2)] == [404, 404]
    answer = await batch(table, "Otto", [{"action": "echo"}], body={"atomic": True})
    assert (answer.status_code, codes(answer)) == (404, ["not_found"])
    assert (await batch(table, "Mira", [{"action": "echo"}], headers={"X-View-As": "x"})).status_code == 403
    huge = await batch(table, "Mira", [{"action": "annotate", "input": {"about": "x" * 2_000_000}}])
    assert (huge.status_code, codes(huge)) == (413, ["too_large"])


async def test_batches_of_many_at_once_are_all_done_or_told_to_wait(table: Playing) -> None:
    people, clock = ("Gia", "Mira", "Pia"), await table.id_of("clock", "The docks close")
    size = MAX_WAITING_OF_WORLD // 3
    wish = {"action": "annotate", "input": {"about": 1}}
    asked = [batch(table, people[number % 3], [wish] * size) for number in range(5)]
    single = [table.act("Gia", "tick_clock", target=clock) for _ in range(3)]
    answers = await asyncio.gather(*asked, *single)
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    for answer in answers[:5]:
        if answer.status_code == 200:
            assert {one["status"] for one in answer.json()["data"]} == {200}
        else:
            assert (codes(answer), answer.headers["Retry-After"]) == (["busy"], "1")
    done = size * statuses[:5].count(200) + statuses[5:].count(200)
    newest = (await table.feed("Gia", 1))[0]["position"]
    before = await table.feed("Gia", 1)
    assert before[0]["position"] == newest >= done
    await check(table)
