from pathlib import Path
from textwrap import dedent, indent

import pytest

from reality_engine.packs.loader import load_pack
from reality_engine.packs.problems import PackError
from reality_engine.scenarios.outcome import Outcome
from reality_engine.scenarios.runner import run_file, run_tests

EXAMPLE = Path(__file__).parents[1] / "packs" / "examples" / "workshop.yaml"
PACK = load_pack(EXAMPLE)
GIVEN = """given:
  clock: 2026-05-01T18:00:00Z
  members: {wanda: [warden], mo: null, gus: [guest]}
  strangers: [sue]
  names: {first: {guild: {name: First Guild}}}
  steps:
    - {as: mo, do: join_as, input: {name: Mo, guild: first}, bind: mos}
"""


def run(steps: str, then: str = "") -> Outcome:
    """Run one test with these steps."""
    text = f"{GIVEN}tests:\n  one:\n    when:\n{indent(dedent(steps), '      ')}"
    if then:
        text += f"\n    then:\n{indent(dedent(then), '      ')}"
    (outcome,) = run_file(PACK, "tests/a.yaml", text)
    return outcome


ADVANCE = "- {as: mo, do: advance, actor: mos, target: first, dice: [6, 5, 2]}"


def test_a_test_whose_expectations_are_met_passes() -> None:
    outcome = run(
        ADVANCE,
        """
        events: [advance, guild.lucky, celebrate]
        says: ["Mo moves the plan of First Guild on by 1", Mo draws moon]
        state:
          first: {plan: 1, deck: [sun], motto: moon, stock: {oil: 1}}
          mos: {coin: 1, owner: mo, guild: first, deleted: false, rumour: null, rest: 90m}
        sees: {wanda: [advance, mos.secret], mo: [advance, first.plot], gus: [guild.lucky, first, mos.name]}
        cannot_see: {gus: [advance, first.plot, mos.secret], sue: guild.lucky, anyone: first}
        """,
    )
    assert outcome == Outcome("one", "tests/a.yaml", 9, passed=True)


@pytest.mark.parametrize(
    ("steps", "then", "message"),
    [
        (ADVANCE, "state: {first: {plan: 3}}", "13:23: first.plan should be 3, but is 1"),
        (ADVANCE, "state: {mos: {guild: mos}}", "13:21: mos.guild should be mos, but is first"),
        (ADVANCE, "state: {mos: {owner: '@wanda'}}", "13:21: mos.owner should be @wanda, but is @mo"),
        (
            ADVANCE,
            "state: {first: {plann: 3}}",
            "13:23: guild has no field 'plann'; did you mean 'plan'?",
        ),
        (
            ADVANCE,
            "state: {first: {plan: x}}",
            "13:23: guild.plan can never be 'x': it must be an integer, not text",
        ),
        (
            ADVANCE,
            "state: {firs: {plan: 3}}",
            "13:22: nothing is called 'firs' here; did you mean 'first'?",
        ),
        (
            ADVANCE,
            "events: advance",
            "13:7: expected the events advance, but there were advance, guild.lucky, celebrate",
        ),
        (
            ADVANCE,
            "refused: denied",
            "13:7: mo's advance should be refused (denied), but happened: advance, guild.lucky, celebrate",
        ),
        (ADVANCE, "sees: {gus: advance}", "13:14: gus does not see advance"),
        (ADVANCE, "cannot_see: {mo: [first, advance]}", "13:25: mo sees first"),
        (ADVANCE, "sees: {gu: advance}", "13:14: there is nobody called 'gu'; did you mean 'gus'?"),
        (
            ADVANCE,
            "sees: {gus: plan.done}",
            "13:14: 'plan.done' is neither an event of this step (advance, guild.lucky, celebrate) nor a name",
        ),
        (
            "- {as: wanda, do: member.remove, target: gus}",
            "cannot_see: {mo: wanda.owner}",
            "13:20: member has no field 'owner'; there is user, name, roles, manages",
        ),
        (ADVANCE, "cannot_see: {gus: mos.owner}", "13:20: gus sees mos.owner"),
        (
            "- {as: mo, do: advance, actor: mos, target: first, dice: [7]}",
            "",
            "11:58: scripted face 7 does not fit a die with 6 sides",
        ),
        (
            "- {as: mo, do: tick, dice: [1, 2]}",
            "",
            "11:28: not all of the dice were rolled; left over: 1, 2",
        ),
        (
            "- {as: mo, do: tick, at: noon}",
            "",
            "11:28: 'noon' is not a moment such as 2026-05-01T18:00:00Z",
        ),
        (
            "- {as: mo, do: tick, bind: x}",
            "",
            "11:28: 'x' must stand for one entity, but the action made: nothing",
        ),
        (
            "- {as: gus, do: found, input: {name: First Guild}}",
            "",
            "11:9: gus's found was refused: There is one already [requirement_failed]",
        ),
    ],
)
def test_a_failure_says_what_was_expected_what_happened_and_where(steps: str, then: str, message: str) -> None:
    outcome = run(steps, then)
    assert not outcome.passed
    assert f"tests/a.yaml:{message}" in outcome.message.splitlines()
    assert outcome.line == int(message.split(":", maxsplit=1)[0])


def test_every_failed_expectation_of_a_step_is_told() -> None:
    outcome = run(ADVANCE, "events: advance\nsays: Nothing\nstate: {first: {plan: 2, motto: x}}\nsees: {gus: advance}")
    assert len(outcome.message.splitlines()) == 5


@pytest.mark.parametrize(
    "refused",
    ["requirement_failed", "{code: requirement_failed, says: There is one already}"],
)
def test_an_expected_refusal_passes(refused: str) -> None:
    assert run("- {as: mo, do: found, input: {name: First Guild}}", f"refused: {refused}").passed


def test_a_refusal_with_another_code_or_other_words_fails() -> None:
    step = "- {as: mo, do: found, input: {name: First Guild}}"
    assert (
        "should be refused with denied, but was with requirement_failed: There" in run(step, "refused: denied").message
    )
    other = run(step, "refused: {code: requirement_failed, says: No}")
    assert other.message.endswith("the refusal should say 'No', but says 'There is one already'")


def test_what_needs_an_approval_is_refused_for_now() -> None:
    step = "- {as: mo, do: advance, actor: mos, target: first, input: {effort: 2}}"
    assert run(step, "refused: {code: approval_required, says: this needs the approval of warden}").passed


def test_steps_stop_at_the_first_that_fails() -> None:
    outcome = run("- {as: mo, do: tick, then: {refused: denied}}\n- {as: mo, do: nothing}")
    assert outcome.message.count("\n") == 0
    assert "mo's tick should be refused" in outcome.message


def test_people_are_meant_by_their_names() -> None:
    assert run(
        "- {as: mo, do: hand_over, target: mos, input: {to: '@gus'}}\n- {as: wanda, do: retire, target: mos}",
        "state: {mos: {owner: gus, deleted: true}, gus: {roles: [guest], user: '@gus'}}",
    ).passed


def test_what_an_action_creates_may_be_bound_by_its_own_name() -> None:
    step = "- {as: mo, do: found, input: {name: New}, bind: {mine: house}}"
    assert run(step, "state: {mine: {name: New}}").passed
    assert run(step.replace("house", "guild"), "state: {mine: {name: New}}").passed


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("members: {wanda: [guest]}", "the world cannot be set up: Somebody must manage the world"),
        ("members: {wanda: null, mo: [knight]}", "the world cannot be set up: input.roles"),
        ("members: {wanda: null}\n  clock: now", "'now' is not a moment"),
        ("members: {wanda: null}\n  names: {x: {guild: {name: None}}}", "'x' must be the one entity of a kind"),
    ],
)
def test_a_world_that_cannot_be_set_up_fails_its_tests(given: str, message: str) -> None:
    (outcome,) = run_file(PACK, "a.yaml", f"given:\n  {given}\ntests:\n  one: {{when: [{{as: wanda, do: tick}}]}}\n")
    assert message in outcome.message


def test_a_file_that_is_not_written_as_it_should_be_tells_every_mistake() -> None:
    outcomes = list(
        run_file(PACK, "a.yaml", "given: {members: {a: [warden]}}\ntests:\n  one: {wen: [], when: [{as: a}]}\n")
    )
    assert [each.message for each in outcomes] == [
        "a.yaml:3:9: error: unknown key 'wen'; did you mean 'when'? [unknown_key]",
        "a.yaml:3:25: error: 'do' is missing [missing_key]",
    ]


def test_all_files_of_a_pack_are_run_or_one(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(EXAMPLE.read_text())
    (tmp_path / "tests").mkdir()
    for name in "ab":
        test = f"{GIVEN}tests:\n  {name}: {{when: [{{as: mo, do: tick}}]}}\n"
        (tmp_path / "tests" / f"{name}.yaml").write_text(test)
    assert [(each.name, each.passed) for each in run_tests(tmp_path)] == [("a", True), ("b", True)]
    (only,) = run_tests(tmp_path / "tests" / "b.yaml")
    assert (only.name, only.file) == ("b", str(tmp_path / "tests" / "b.yaml"))


def test_a_pack_with_mistakes_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("pack: 1")
    with pytest.raises(PackError):
        run_tests(tmp_path)


def test_an_owner_is_seen_by_whoever_sees_the_kind_and_a_field_of_the_owner_is_not() -> None:
    assert run(ADVANCE, "sees: {gus: mos.owner}\ncannot_see: {gus: mos.secret, sue: mos.owner}").passed


def test_what_somebody_cannot_see_is_not_there_for_them() -> None:
    assert run("- {as: sue, do: found, input: {name: Mine}}", "refused: not_found").passed
    assert run(
        "- {as: wanda, do: world.configure, input: {public: true}}\n- {as: sue, do: found, input: {name: Mine}}",
        "refused: denied",
    ).passed
    assert run(
        "- {as: wanda, do: world.configure, input: {public: true}}\n- {as: sue, do: member.remove, target: gus}",
        "refused: denied",
    ).passed
