import pytest

from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.rules.allowed import Allowed, Answer, allowed
from reality_engine.rules.decision import Lacking, Request
from reality_engine.rules.facts import WholeWorld
from tests.known_facts import KnownFacts
from tests.unit.rules.test_decide import STRANGER
from tests.unit.rules.worlds import BEN, GIA, HEAD, NOW, PIA, World, world_of

PACK = """
kinds:
  thing: {owned: true, visible_to: [everyone], fields: {name: text, coin: {type: integer, default: 2}, note: text}}
actions:
  make: {allow: "'player' in me.roles", effects: [{create: {kind: thing, fields: {name: one}}}]}
  spend:
    actor: thing
    target: thing
    input: {n: integer, why: {type: text, default: none}}
    allow: "actor.coin > 0 && input.n > 0"
    require:
      - {that: "actor.coin >= input.n", else: "{actor.name} has only {actor.coin}"}
      - {that: "input.why != 'none'", else: Say why}
    effects: [{set: {actor.coin: "=actor.coin - input.n"}}]
  read: {target: thing, input: {n: integer}, allow: "target.note == 'x' && input.n == 1"}
  grand: {allow: "true", approval: {by: gm}}
  small: {allow: "true", input: {n: integer}, approval: {by: gm, unless: "input.n == 1"}}
"""


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(PACK)


def ask(
    world: World, who: Principal, action: str, actor: str | None = None, target: str | None = None, **inputs: Plain
) -> Allowed:
    answer = allowed(
        world.pack, Request(action, who, actor, target, inputs), WholeWorld(world.pack, world.entities), NOW
    )
    assert isinstance(answer, Allowed)
    return answer


def test_what_the_rules_allow_is_yes_and_what_they_do_not_is_no(world: World) -> None:
    assert ask(world, PIA, "make").answer is Answer.YES
    assert (ask(world, GIA, "make").answer, ask(world, GIA, "make").code) == (Answer.NO, "denied")
    assert ask(world, STRANGER, "make").reason == "only members of this world may act in it"
    assert ask(world, PIA, "fly").code == "unknown_action"


def test_what_reads_an_input_depends_on_it(world: World) -> None:
    thing = made_in(world)
    answer = ask(world, PIA, "spend", thing, thing)
    assert answer.answer is Answer.DEPENDS
    assert answer.reason == "the rules depend on input.n"
    assert ask(world, PIA, "spend", thing, thing, n=1).reason == "a requirement depends on input.why"
    assert ask(world, PIA, "spend", thing, thing, n=1, why="so").answer is Answer.YES


def test_a_no_weighs_more_than_what_it_depends_on(world: World) -> None:
    thing = made_in(world)
    answer = ask(world, PIA, "spend", thing, thing, n=3)
    assert (answer.answer, answer.code, answer.reason) == (Answer.NO, "requirement_failed", "one has only 2")
    assert ask(world, BEN, "spend", thing, thing).code == "denied"
    assert ask(world, PIA, "spend", thing, thing, n="x").code == "invalid_input"


def test_why_a_condition_on_an_input_does_not_hold_yet_makes_no_difference(world: World) -> None:
    assert ask(world, PIA, "read", target=made_in(world)).answer is Answer.DEPENDS


def test_without_actor_or_target_it_depends_on_them(world: World) -> None:
    answer = ask(world, PIA, "spend")
    assert answer.answer is Answer.DEPENDS
    assert [problem.field for problem in answer.problems] == ["actor", "target"]


def test_what_needs_an_approval_depends_on_it(world: World) -> None:
    assert ask(world, PIA, "grand").code == "approval_required"
    assert ask(world, PIA, "small").answer is Answer.DEPENDS
    assert ask(world, PIA, "small", n=1).answer is Answer.YES


def test_the_rule_that_decides_is_named_with_its_line(world: World) -> None:
    thing = made_in(world)
    told = [
        ask(world, PIA, "make"),
        ask(world, GIA, "make"),
        ask(world, PIA, "spend", thing, thing, n=3, why="so"),
        ask(world, PIA, "spend", thing, thing, n=1),
        ask(world, PIA, "spend"),
        ask(world, BEN, "spend", thing, thing),
        ask(world, PIA, "spend", thing, thing, n="x"),
        ask(world, STRANGER, "make"),
        ask(world, PIA, "grand"),
    ]
    lines = (HEAD + PACK).splitlines()
    assert [(str(one.rule), lines[one.place.line - 1].strip()[:8] if one.place else "") for one in told] == [
        ("allow", "make: {a"), ("allow", "make: {a"), ("require", "- {that:"), ("require", "- {that:"),
        ("actor", "spend:"), ("actor", "spend:"), ("input", "spend:"), ("members_only", "make: {a"),
        ("approval", "grand: {"),
    ]  # fmt: skip
    assert ask(world, PIA, "fly").rule is None


def test_it_asks_for_what_it_lacks(world: World) -> None:
    assert isinstance(allowed(world.pack, Request("make", PIA), KnownFacts(), NOW), Lacking)


def made_in(world: World) -> str:
    return world.do(PIA, "make").events[0].changes[0].change.entity
