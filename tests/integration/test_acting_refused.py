"""Every kind of no: the envelope with a stable code, and not a row changed but for the stored answer."""

import re
from typing import Any

import pytest

from reality_engine.kernel.ids import WORLD_ENTITY
from tests.playing import NOWHERE, Playing
from tests.serving import codes
from tests.tables import ANSWERS


@pytest.fixture
async def named(table: Playing) -> dict[str, str]:
    """Return ids of what the requests below name."""
    found = {
        "cass": await table.character("Mira", "Cass"),
        "bel": await table.character("Pia", "Bel"),
        "crows": await table.id_of("faction", "The Crows"),
        "lanterns": await table.id_of("faction", "The Lanterns"),
        "clock": await table.id_of("clock", "The docks close"),
        "deck": await table.id_of("deck", "omens"),
        "nowhere": NOWHERE,
        "world": WORLD_ENTITY,
    }
    await table.do("Gia", "lay_trap", target=found["cass"], input={"name": "A loose plank"})
    await table.do("Gia", "draw_card", target=found["deck"])
    return {**found, "trap": await table.id_of("trap", "A loose plank")}


def filled(value: Any, named: dict[str, str]) -> Any:
    """Put ids in place of `$names`."""
    if isinstance(value, str) and value.startswith("$"):
        return named[value[1:]]
    if isinstance(value, list):
        return [filled(part, named) for part in value]
    return {key: filled(part, named) for key, part in value.items()} if isinstance(value, dict) else value


LONG_AGO = "2026-01-01T00:00:00Z"


def effort(given: dict[str, Any]) -> dict[str, Any]:
    return {"actor": "$cass", "target": "$crows", "input": given}


def side(given: dict[str, Any]) -> dict[str, Any]:
    return {"actor": "$cass", "input": given}


# Who asks for what, and the status, the code and the field of the answer.
REFUSED: list[tuple[str, str, dict[str, Any], int, str, str | None]] = [
    ("Mira", "joim_as", {}, 404, "unknown_action", "action"),
    ("Mira", "world.create", {"input": {"title": "Mine"}}, 404, "unknown_action", "action"),
    ("Mira", "start_clock", {"input": {"name": "Doom", "stakes": "all"}}, 403, "denied", None),
    ("Mira", "world.configure", {"input": {"public": True}}, 403, "denied", None),
    ("Mira", "member.add", {"input": {"user": NOWHERE}}, 403, "denied", None),
    ("Mira", "advance_plan", {"actor": "$cass", "target": "$lanterns"}, 403, "denied", None),
    ("Mira", "advance_plan", {"actor": "$bel", "target": "$crows"}, 403, "denied", None),
    ("Mira", "advance_plan", effort({"effort": 2}), 403, "approval_required", None),
    ("Mira", "advance_plan", effort({"effort": 3}), 422, "requirement_failed", None),
    ("Mira", "advance_plan", effort({"effort": 4}), 422, "invalid_input", "input.effort"),
    ("Mira", "advance_plan", effort({"effort": "1"}), 422, "invalid_input", "input.effort"),
    ("Mira", "advance_plan", effort({"effort": 1.5}), 422, "invalid_input", "input.effort"),
    ("Mira", "advance_plan", effort({"effort": True}), 422, "invalid_input", "input.effort"),
    ("Mira", "advance_plan", effort({"efort": 1}), 422, "unknown_field", "input.efort"),
    ("Mira", "advance_plan", {"target": "$crows"}, 422, "required", "actor"),
    ("Mira", "advance_plan", {"actor": "$cass"}, 422, "required", "target"),
    ("Mira", "advance_plan", {"actor": "$cass", "target": "$cass"}, 404, "not_found", "target"),
    ("Mira", "advance_plan", {"actor": "$cass", "target": "$nowhere"}, 404, "not_found", "target"),
    ("Mira", "advance_plan", {"actor": "$cass", "target": "no id"}, 404, "not_found", "target"),
    ("Mira", "advance_plan", {"actor": "", "target": "$crows"}, 404, "not_found", "actor"),
    ("Mira", "advance_plan", {"actor": "$world", "target": "$crows"}, 404, "not_found", "actor"),
    ("Mira", "spring_trap", {"target": "$trap"}, 404, "not_found", "target"),
    ("Mira", "defuse_all", {"input": {"traps": ["$trap"]}}, 404, "not_found", "input.traps"),
    ("Mira", "defuse_all", {"input": {"traps": ["no id"]}}, 422, "invalid_input", "input.traps.0"),
    ("Mira", "defuse_all", {"input": {"traps": [["$trap"]]}}, 422, "invalid_input", "input.traps.0"),
    ("Mira", "join_as", {"input": {}}, 422, "required", "input.name"),
    ("Mira", "join_as", {"input": {"name": None}}, 422, "required", "input.name"),
    ("Mira", "join_as", {"input": {"name": "x" * 81}}, 422, "invalid_input", "input.name"),
    ("Mira", "join_as", {"input": {"name": "x", "faction": "$nowhere"}}, 404, "not_found", "input.faction"),
    ("Mira", "join_as", {"input": {"name": "x", "faction": "$clock"}}, 404, "not_found", "input.faction"),
    ("Mira", "join_as", {"input": {"name": "x", "faction": "crows"}}, 422, "invalid_input", "input.faction"),
    ("Mira", "join_as", {"input": {"name": "x"}, "target": "$crows"}, 422, "unknown_field", "target"),
    ("Mira", "join_as", {"input": {"name": "x"}, "occurred_at": LONG_AGO}, 422, "unknown_field", "occurred_at"),
    ("Gia", "recount", {"target": "$clock", "occurred_at": "2026-01-01T00:00:00"}, 422, "invalid", "occurred_at"),
    ("Gia", "recount", {"target": "$clock", "occurred_at": "yesterday"}, 422, "invalid", "occurred_at"),
    ("Mira", "change_sides", side({"faction": "$crows", "when": "soon"}), 422, "invalid_input", "input.when"),
    ("Mira", "give_coin", {"actor": "$cass", "target": "$bel", "input": {"coin": 3}}, 422, "invariant_broken", None),
    ("Mira", "overflow", {"actor": "$cass"}, 422, "out_of_bounds", None),
    ("Mira", "remember", {"actor": "$cass"}, 422, "no_value", None),
    ("Mira", "divide", {"input": {"by": 0}}, 422, "evaluation_failed", None),
    ("Mira", "draw_card", {"target": "$deck"}, 422, "empty_list", None),
    ("Mira", "echo", {}, 422, "limit_exceeded", None),
    ("Gia", "start_clock", {"input": {"name": "The docks close", "stakes": "again"}}, 409, "not_unique", None),
    ("Mira", "join_as", {"inputs": {}}, 422, "invalid", "inputs"),
    ("Mira", "join_as", {"input": []}, 422, "invalid", "input"),
    ("Mira", "join_as", {"input": {"name": 2**60}}, 422, "invalid_input", "input.name"),
    ("Mira", "divide", {"input": {"by": 2**53}}, 422, "invalid_input", "input.by"),
    ("Mira", "annotate", {"input": {"about": {"a": [2**60]}}}, 422, "invalid_input", "input.about"),
    ("Mira", "annotate", {"input": {"about": 10**40}}, 422, "invalid_input", "input.about"),
    ("Otto", "join_as", {"input": {"name": "x"}}, 404, "not_found", None),
]  # fmt: skip


async def test_a_refusal_is_an_envelope_and_changes_nothing(table: Playing, named: dict[str, str]) -> None:
    before = await table.tables(*ANSWERS)
    wrong = []
    for number, (who, action, body, status, code, field) in enumerate(REFUSED):
        answer = await table.act(who, action, key=f"key-{number}", **filled(body, named))
        told = answer.json()
        found = (answer.status_code, told["errors"][0]["code"], told["errors"][0]["field"], told["data"])
        if found != (status, code, field, None) or not told["errors"][0]["message"]:
            wrong.append((action, body, (status, code, field), answer.text))
    assert not wrong, wrong
    assert await table.tables(*ANSWERS) == before


async def test_refusals_by_rule_are_stored_and_mistakes_in_the_request_are_not(
    table: Playing, named: dict[str, str]
) -> None:
    await table.act("Mira", "overflow", key="rule", actor=named["cass"])
    await table.act("Mira", "overflow", key="mistake", actor=named["cass"], more=1)
    await table.act("Otto", "overflow", key="outside", actor=named["cass"])
    assert [row[1] for row in (await table.tables())["idempotent_answers"]] == ["rule"]


async def test_a_pack_says_its_own_no_in_its_own_words(table: Playing, named: dict[str, str]) -> None:
    body: dict[str, Any] = {"actor": named["cass"], "target": named["crows"], "input": {"effort": 3}}
    answer = await table.act("Mira", "advance_plan", **body)
    assert answer.json()["errors"] == [
        {"code": "requirement_failed", "message": "Cass has only 2 coin", "field": None, "hint": None}
    ]


async def test_every_problem_of_an_input_is_told_at_once(table: Playing) -> None:
    answer = await table.act("Mira", "join_as", input={"nam": "x", "faction": 1})
    assert {(error["code"], error["field"]) for error in answer.json()["errors"]} == {
        ("unknown_field", "input.nam"), ("invalid_input", "input.faction"), ("required", "input.name"),
    }  # fmt: skip
    assert answer.json()["errors"][0]["hint"] == "did you mean 'name'?"


@pytest.mark.parametrize(
    ("action", "part"),
    [("spring_trap", "target"), ("advance_plan", "actor"), ("advance_plan", "target"), ("defuse_all", "input")],
)
async def test_what_is_out_of_scope_does_not_exist(
    table: Playing, named: dict[str, str], action: str, part: str
) -> None:
    usual: dict[str, Any] = {"actor": named["cass"], "target": named["crows"]} if action == "advance_plan" else {}
    answers = []
    for key in (named["trap"], NOWHERE):
        given: Any = {"traps": [key]} if part == "input" else key
        answers += [
            await table.act("Mira", action, **{**usual, part: given}),
            await table.act("Mira", action, headers={"If-Match": '"abc"'}, **{**usual, part: given}),
            await table.get("Mira", f"/entities/{key}"),
            await table.get("Mira", f"/entities/{key}/allowed"),
            await table.get("Mira", f"/entities/{named['clock']}/allowed?actor={key}"),
            await table.get("Mira", f"/actions?actor={key}"),
        ]
    # A cursor is sealed anew each time.
    bodies = [re.sub(rb'"cursor":"[^"]*"', b"", answer.content) for answer in answers]
    assert bodies[:6] == bodies[6:]
    assert [answer.status_code for answer in answers[:6]] == [answer.status_code for answer in answers[6:]]
    assert codes(answers[0]) == ["not_found"]


async def test_nothing_is_found_in_a_deleted_world(table: Playing, named: dict[str, str]) -> None:
    assert (await table.call("Gia", "DELETE", "")).status_code == 200
    before = await table.tables()
    body: dict[str, Any] = {"actor": named["cass"], "target": named["clock"]}
    for who in ("Gia", "Mira", "Otto"):
        for answer in (
            await table.get(who), await table.get(who, "/feed"), await table.get(who, "/entities?kind=faction"),
            await table.get(who, f"/entities/{named['crows']}"), await table.get(who, "/actions"),
            await table.act(who, "tick_clock", **body), await table.act(who, "nothing"),
        ):  # fmt: skip
            assert (answer.status_code, codes(answer)) == (404, ["not_found"])
    assert (await table.server.client.get("/api/v1/worlds", headers=table.players["Gia"])).json()["data"] == []
    assert await table.tables() == before


async def test_who_proves_nothing_acts_nowhere(table: Playing) -> None:
    before = await table.tables()
    forged = {"Authorization": table.players["Mira"]["Authorization"][:-4] + "AAAA"}
    for headers in ({}, forged):
        answer = await table.act(None, "echo", headers=headers)
        assert (answer.status_code, codes(answer)) == (401, ["unauthenticated"])
    assert await table.tables() == before


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b'{"input": {"name": NaN}}', 400, "not_json"),
        (b'{"input": {"name": "\\u0000"}}', 400, "null_character"),
        (b'{"input": {"name": "\\ud800"}}', 400, "not_json"),
        (b'{"input": {"name": "' + b"x" * 1_100_000 + b'"}}', 413, "too_large"),
        (b'{"input": ' + b"[" * 70 + b"]" * 70 + b"}", 400, "not_json"),
        (b"[]", 422, "invalid"),
    ],
)
async def test_a_body_that_is_not_sound_changes_nothing(table: Playing, content: bytes, status: int, code: str) -> None:
    before = await table.tables()
    headers = {"Content-Type": "application/json"}
    answer = await table.call("Mira", "POST", "/actions/join_as", content=content, headers=headers)
    assert (answer.status_code, codes(answer)) == (status, [code])
    assert await table.tables() == before


@pytest.mark.parametrize("key", ["x" * 201, "with space", "ключ".encode()])
async def test_an_idempotency_key_that_cannot_be_kept_is_refused(table: Playing, key: str | bytes) -> None:
    headers: dict[str, Any] = {"Idempotency-Key": key}
    answer = await table.call("Mira", "POST", "/actions/echo", json={}, headers=headers)
    assert (answer.status_code, codes(answer)) == (422, ["invalid"])
