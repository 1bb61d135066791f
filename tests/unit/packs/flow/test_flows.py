"""Every way in which a rule can tell what is hidden is found, with its place, and what comes near to it is let be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError, PackProblem, Problems
from reality_engine.packs.reader import read_source

FILE = Path(__file__).parent / "flows.yaml"
WRITTEN: Any = read_source("flows.yaml", FILE.read_text(), Problems()).data
BASE = WRITTEN["base"]
ALLOWED, MINE = 'allow: "true"', 'allow: "target.owner == me.id"'


@dataclass(frozen=True)
class Case:
    name: str
    leaks: str
    at: str
    says: str
    fine: str


CASES = [Case(name, **each) for name, each in WRITTEN["cases"].items()]


def action(*lines: str) -> str:
    """Return a pack with one action on a pawn."""
    return "actions:\n  act:\n    target: pawn\n" + "".join(f"    {line}\n" for line in lines)


def problems(rest: str) -> list[PackProblem]:
    try:
        compile_source({"pack.yaml": BASE + rest})
    except PackError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_flow_is_told_where_it_begins(case: Case) -> None:
    found = problems(case.leaks)
    told = "\n".join(map(str, found))
    assert {problem.code for problem in found} == {"undeclared_flow"}, told
    lines = (BASE + case.leaks).split("\n")
    fitting = [problem for problem in found if case.says in problem.message]
    assert fitting, told
    place = fitting[0].place
    assert lines[place.line - 1][place.column - 1 :].startswith(case.at), told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_flows_to_those_who_see_it_is_fine(case: Case) -> None:
    assert "\n".join(map(str, problems(case.fine))) == ""


def test_a_flow_that_is_declared_is_fine() -> None:
    leaking = action(MINE, "visible_to: [members]", 'narrative: "{target.secret} of {target.boss.name}"')
    assert len(problems(leaking)) == 2
    assert problems(f"{leaking}    discloses: [target.secret, target.boss.name]\n") == []
    assert problems(f"{leaking}    discloses: [pawn.secret, pawn.boss]\n") == []


def test_the_hint_is_the_whole_declaration() -> None:
    leaking = action(MINE, "visible_to: [members]", 'narrative: "{target.secret} {target.debt}"')
    (problem,) = problems(f"{leaking}    discloses: [target.secret]\n")
    assert problem.hint is not None
    assert "discloses: [target.secret, target.debt]" in problem.hint


def test_a_declaration_that_nothing_needs_is_told_where_it_stands() -> None:
    (problem,) = problems(
        action(MINE, "visible_to: [gm]", 'narrative: "{target.secret}"', "discloses: [target.secret]")
    )
    assert (problem.code, problem.place.line, problem.place.column) == ("unused_disclosure", 42, 17)


def test_what_is_disclosed_to_whom_it_decides_is_not_asked_for_again_in_reactions() -> None:
    acting = action(
        'allow: "target.owner == me.id && target.debt > 0"', "visible_to: [members]", "discloses: [target.debt]"
    )
    reacting = "reactions:\n  then:\n    to: {action: act}\n    effects: [{set: {target.name: x}}]\n"
    assert problems(acting + reacting) == []


def test_an_action_declares_what_reactions_to_it_tell_of_its_conditions() -> None:
    lines = ('allow: "target.owner == me.id && target.debt > 0"', "visible_to: [owner of target]")
    reacting = "reactions:\n  then:\n    to: {action: act}\n    effects: [{set: {target.name: x}}]\n"
    assert [problem.code for problem in problems(action(*lines) + reacting)] == ["undeclared_flow"]
    assert problems(action(*lines, "discloses: [target.debt]") + reacting) == []
    assert problems(f"{action(*lines)}{reacting}    discloses: [target.debt]\n") == []


def test_seeds_disclose_nothing() -> None:
    seeds = "seeds:\n  - create: {kind: pawn, name: p, fields: {secret: x}}\n  - set: {p.name: =p.secret}\n"
    assert problems(action(ALLOWED) + seeds) == []
