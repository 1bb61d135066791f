"""What a refusal tells on request: the rules that were asked, their places, and what they read as far as it is seen."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.playing import QUAY, Playing, play
from tests.serving import serving


async def refusal(table: Playing, who: str, action: str, way: str = "", **body: Any) -> dict[str, Any]:
    """Return the answer to a request that is refused, explained."""
    answer = await table.call(who, "POST", f"/actions/{action}{way}?explain=true", json=body)
    assert answer.status_code >= 400, answer.text
    found: dict[str, Any] = answer.json()
    return found


def line_of(place: dict[str, Any]) -> str:
    """Return the pack's text from a place on."""
    assert place["file"] == "pack.yaml"
    line, column = int(place["line"]), int(place["column"])
    return QUAY.splitlines()[line - 1][column - 1 :]


def values_of(rule: dict[str, Any]) -> dict[str, Any]:
    return {one["path"]: one["value"] for one in rule["values"]}


async def test_a_refusal_says_which_rules_were_asked_and_what_they_read(table: Playing) -> None:
    hero, crows = await table.character("Mira", "Cass"), await table.id_of("faction", "The Crows")
    await table.do("Mira", "advance_plan", actor=hero, target=crows)
    told = await refusal(table, "Mira", "advance_plan", actor=hero, target=crows, input={"effort": 3})
    rules = told["explanation"]["rules"]
    assert [(one["rule"], one["holds"]) for one in rules] == [
        ("members_only", True), ("input", True), ("actor", True), ("target", True), ("allow", True), ("require", False),
    ]  # fmt: skip
    allow, require = rules[-2:]
    assert line_of(allow["place"]).startswith('"actor.faction == target.id"')
    assert line_of(require["place"]).startswith('"actor.coin >= input.effort"')
    assert line_of(rules[0]["place"]).startswith("advance_plan:")
    assert values_of(allow) == {"actor.faction": crows, "target.id": crows}
    assert values_of(require) == {"actor.coin": 1, "input.effort": 3}
    assert not require["withheld"]
    assert "condition" not in require
    assert told["errors"][0]["message"] == "Cass has only 1 coin"


async def test_a_refusal_is_explained_only_where_that_was_asked_for(table: Playing) -> None:
    plain = await table.act("Mira", "start_clock", input={"name": "Doom", "stakes": "all"})
    assert "explanation" not in plain.json()
    told = await refusal(table, "Mira", "start_clock", input={"name": "Doom", "stakes": "all"})
    assert told.pop("explanation")["rules"][-1]["rule"] == "allow"
    assert told == plain.json()
    done = await table.call("Mira", "POST", "/actions/annotate?explain=true", json={"input": {"about": 1}})
    assert (done.status_code, "explanation" in done.json()) == (200, False)


async def test_a_preview_explains_its_refusal_alike(table: Playing) -> None:
    body = {"name": "Doom", "stakes": "all"}
    assert await refusal(table, "Mira", "start_clock", "/preview", input=body) == await refusal(
        table, "Mira", "start_clock", input=body
    )


async def test_the_source_of_a_condition_is_for_those_who_see_everything(table: Playing) -> None:
    hero, other = await table.character("Gia", "Cass"), await table.id_of("faction", "The Lanterns")
    told = await refusal(table, "Gia", "advance_plan", actor=hero, target=other)
    assert told["explanation"]["rules"][-1]["condition"] == "actor.faction == target.id"


SECRETS = """
pack: secrets
version: 1.0.0
roles: {gm: {title: Game master, sees: everything}, player: {title: Player, default: true}}
kinds:
  vault:
    visible_to: [gm]
    fields: {name: text}
  thing:
    owned: true
    visible_to: [everyone]
    fields:
      name: {type: text, unique: true, max_length: 50, required: true}
      open: {type: text, default: here}
      code: {type: text, visible_to: [owner, gm]}
      vault: {type: ref, kind: vault, visible_to: [gm]}
      count: {type: integer, default: 0, visible_to: [gm]}
    invariants: [{that: "self.count < 1", else: "No more"}]
actions:
  make:
    input: {name: {type: text, max_length: 50}}
    allow: "true"
    effects:
      - create: {kind: vault, name: vault, fields: {name: Deep}}
      - create: {kind: thing, name: made, fields: {name: "=input.name", code: sesame, vault: "=vault.id"}}
  bare:
    input: {name: {type: text, max_length: 50}}
    allow: "true"
    effects: [{create: {kind: thing, fields: {name: "=input.name"}}}]
  try:
    target: thing
    input: {code: {type: text}}
    allow: "target.open == 'here' && target.vault.name == 'Deep' && target.code == input.code"
    discloses: [target.vault.name, target.code]
  seek:
    input: {name: {type: text, max_length: 50}}
    allow: "is_set(find('thing', 'name', input.name)) && 'gm' in me.roles"
  count: {target: thing, allow: "true", effects: [{add: {target.count: 1}}], discloses: [target.count]}
  ask: {target: thing, allow: "true", approval: {by: gm, unless: "target.code == 'x'"}, discloses: [target.code]}
"""


@pytest.fixture
async def vaults(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        yield await play(server, SECRETS, "secrets")


async def test_what_one_does_not_see_is_not_among_what_a_rule_read(vaults: Playing) -> None:
    await vaults.do("Mira", "make", input={"name": "box"})
    box = await vaults.id_of("thing", "box")
    told = {
        who: await refusal(vaults, who, "try", target=box, input={"code": "guess"}) for who in ("Mira", "Pia", "Gia")
    }
    last = {who: answer["explanation"]["rules"][-1] for who, answer in told.items()}
    assert values_of(last["Pia"]) == {"input.code": "guess", "target.open": "here"}
    assert last["Pia"]["withheld"]
    assert "sesame" not in str(told["Pia"])
    assert values_of(last["Mira"]) == {"input.code": "guess", "target.open": "here", "target.code": "sesame"}
    assert "Deep" not in str(told["Mira"])  # not through a ref that is hidden
    assert values_of(last["Gia"])["target.vault.name"] == "Deep"
    assert not last["Gia"]["withheld"]


async def test_an_explanation_is_the_same_whatever_is_hidden(vaults: Playing) -> None:
    await vaults.do("Mira", "make", input={"name": "box"})
    await vaults.do("Mira", "bare", input={"name": "bag"})
    told = []
    for name in ("box", "bag"):  # refused by a code that is not right, and by one that is not there
        key = await vaults.id_of("thing", name)
        answer = await refusal(vaults, "Pia", "try", target=key, input={"code": "guess"})
        told.append(str(answer).replace(key, "it"))
    assert told[0] == told[1]


async def test_a_search_is_told_without_what_it_found(vaults: Playing) -> None:
    await vaults.do("Pia", "make", input={"name": "box"})
    rule = (await refusal(vaults, "Mira", "seek", input={"name": "box"}))["explanation"]["rules"][-1]
    assert rule["looks_up"]
    assert values_of(rule) == {"input.name": "box", "me.roles": ["player"]}


async def test_a_broken_invariant_is_told_by_its_place_and_without_values(vaults: Playing) -> None:
    await vaults.do("Mira", "make", input={"name": "box"})
    told = await refusal(vaults, "Mira", "count", target=await vaults.id_of("thing", "box"))
    rule = told["explanation"]["rules"][-1]
    assert (rule["rule"], rule["holds"], rule["values"], rule["place"]["line"]) == ("invariant", False, [], 18)


async def test_an_approval_that_is_needed_is_the_rule_that_ends_it(vaults: Playing) -> None:
    await vaults.do("Mira", "make", input={"name": "box"})
    box = await vaults.id_of("thing", "box")
    told = await refusal(vaults, "Mira", "ask", target=box)
    rule = told["explanation"]["rules"][-1]
    assert (rule["rule"], rule["holds"], values_of(rule)) == ("approval", False, {"target.code": "sesame"})
    assert values_of((await refusal(vaults, "Pia", "ask", target=box))["explanation"]["rules"][-1]) == {}


@pytest.mark.parametrize(
    ("action", "body", "rules"),
    [
        ("fly", {}, []),
        ("try", {"input": {"code": 1}}, ["members_only", "input"]),
        ("try", {"input": {"code": "a"}}, ["members_only", "input", "target"]),
        ("make", {"input": {"name": "box"}}, ["members_only", "input", "allow", "effects"]),
    ],
)
async def test_a_request_that_ends_before_or_after_the_rules_says_where(
    vaults: Playing, action: str, body: dict[str, Any], rules: list[str]
) -> None:
    await vaults.do("Mira", "make", input={"name": "box"})
    told = (await refusal(vaults, "Mira", action, **body))["explanation"]["rules"]
    assert [one["rule"] for one in told] == rules
    assert [one["holds"] for one in told] == [True] * (len(rules) - 1) + [False] * bool(rules)


async def test_a_repeated_refusal_is_not_explained_again(table: Playing) -> None:
    body: dict[str, Any] = {"json": {"input": {"name": "Doom", "stakes": "all"}}, "headers": {"Idempotency-Key": "one"}}
    answers = [await table.call("Mira", "POST", "/actions/start_clock?explain=true", **body) for _ in range(2)]
    first, second = (answer.json() for answer in answers)
    assert first.pop("explanation")
    assert first == second


async def test_allowed_names_the_rule_and_its_line(table: Playing) -> None:
    hero, lanterns = await table.character("Mira", "Cass"), await table.id_of("faction", "The Lanterns")
    found = (await table.get("Mira", f"/entities/{lanterns}/allowed?actor={hero}")).json()["data"]
    one = {choice["action"]: choice for choice in found}["advance_plan"]
    assert (one["allowed"], one["rule"]) == ("no", "allow")
    assert line_of(one["place"]).startswith('"actor.faction == target.id"')
    assert one["input"]["properties"]["effort"] == {"type": "integer", "minimum": 1, "maximum": 3, "default": 1}
    listed = {one["action"]: one for one in (await table.get("Mira", "/actions")).json()["data"]}
    assert (listed["echo"]["allowed"], listed["echo"]["rule"]) == ("yes", "allow")
    assert listed["member.add"]["place"]["file"] == "core.yaml"
    stranger = listed["join_as"]["input"]
    assert (stranger["required"], stranger["properties"]["faction"]["x-kind"]) == (["name"], "faction")
