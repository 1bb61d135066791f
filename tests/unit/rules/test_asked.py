"""A refusal tells which rules were asked where the request wants to know, and else nothing of them."""

from dataclasses import replace

import pytest

from reality_engine.kernel.chance import SeededChance
from reality_engine.rules.asked import Rule
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Deferred, Refused, Request
from reality_engine.rules.facts import WholeWorld
from tests.unit.rules.worlds import NOW, PIA, World, world_of

PACK = """
kinds:
  thing:
    visible_to: [everyone]
    fields: {name: text, coin: {type: integer, default: 2, max: 3}}
    invariants: [{that: "self.coin >= 0", else: No debts}]
actions:
  make: {allow: "true", effects: [{create: {kind: thing, fields: {name: one}}}]}
  spend:
    target: thing
    input: {n: integer}
    allow: "target.coin > 0"
    require:
      - {that: "input.n != 0", else: Nothing}
      - {that: "input.n != 7", else: Not seven}
    approval: {by: gm, unless: "input.n < 100"}
    effects: [{set: {target.coin: "=target.coin - input.n"}}]
"""


@pytest.fixture(scope="module")
def world() -> World:
    made = world_of(PACK)
    made.do(PIA, "make")
    return made


def asked(world: World, n: int) -> Refused | Deferred:
    request = Request("spend", PIA, target=world.one("thing").id, input={"n": n}, explain=True)
    facts = WholeWorld(world.pack, world.entities)
    told, plain = (
        decide(world.pack, one, facts, NOW, SeededChance(b"x" * 32))
        for one in (request, replace(request, explain=False))
    )
    assert isinstance(told, Refused | Deferred)
    assert isinstance(plain, Refused | Deferred)
    assert replace(told, asked=()) == plain
    assert plain.asked == ()
    return told


BEFORE = [(Rule.MEMBERS_ONLY, True), (Rule.INPUT, True), (Rule.TARGET, True), (Rule.ALLOW, True)]


@pytest.mark.parametrize(
    ("n", "rules"),
    [
        (0, [(Rule.REQUIRE, False), (Rule.REQUIRE, True)]),
        (7, [(Rule.REQUIRE, True), (Rule.REQUIRE, False)]),
        (100, [(Rule.REQUIRE, True), (Rule.REQUIRE, True), (Rule.APPROVAL, False)]),
        (3, [(Rule.REQUIRE, True)] * 2 + [(Rule.APPROVAL, True), (Rule.EFFECTS, True), (Rule.INVARIANT, False)]),
        (-9, [(Rule.REQUIRE, True)] * 2 + [(Rule.APPROVAL, True), (Rule.EFFECTS, False)]),
    ],
)
def test_the_rules_are_told_in_order_and_the_last_no_ends_it(
    world: World, n: int, rules: list[tuple[Rule, bool]]
) -> None:
    assert [(one.rule, one.holds) for one in asked(world, n).asked] == BEFORE + rules


def test_what_a_condition_could_read_is_told_as_plain_values(world: World) -> None:
    allow = asked(world, 0).asked[3]
    assert allow.variables["target"] == world.one("thing").id
    assert allow.variables["input"] == {"n": 0}
    assert allow.condition is not None
    assert allow.condition.source == "target.coin > 0"
