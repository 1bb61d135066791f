"""Which actions may leave something to chance, by what follows from them."""

import pytest

from reality_engine.packs.chance import Chances
from reality_engine.packs.loader import compile_source

PACK = """
pack: dice
version: 1.0.0
title: Dice
roles: {player: {title: Player, default: true, admin: true}}
kinds:
  pot: {visible_to: [members], fields: {full: {type: meter, max: 3}, cards: {type: list, of: text}}}
actions:
  look: {allow: "true", visible_to: [members]}
  throw: {allow: "true", visible_to: [members], effects: [{roll: {name: die, dice: 1d6}}]}
  perhaps:
    allow: "true"
    visible_to: [members]
    input: {really: {type: boolean}}
    effects: [{if: input.really, then: [{roll: {name: die, dice: 1d6}}]}]
  call: {allow: "true", visible_to: [members], effects: [{emit: {type: called, visible_to: [members]}}]}
  answered: {allow: "true", visible_to: [members]}
reactions:
  pass_on: {to: {event: called}, effects: [{emit: {type: heard, visible_to: [members]}}]}
  fall: {to: {event: heard}, effects: [{roll: {name: die, dice: 1d6}}]}
  shake: {to: {action: answered}, effects: [{roll: {name: die, dice: 1d6}}]}
"""
FILLED = """
  spill: {to: {event: meter.filled, kind: pot, field: full}, effects: [{roll: {name: die, dice: 1d6}}]}
"""


@pytest.mark.parametrize(
    ("action", "draws"),
    [
        ("look", False), ("throw", True), ("perhaps", True), ("call", True), ("answered", True), ("unknown", False),
        ("member.join", False),
    ],
)  # fmt: skip
def test_an_action_draws_itself_or_by_what_answers_it(action: str, draws: bool) -> None:
    chances = Chances(compile_source({"pack.yaml": PACK}))
    assert [chances.may_draw(action) for _ in range(2)] == [draws, draws]


def test_whoever_acts_might_fill_a_meter() -> None:
    assert Chances(compile_source({"pack.yaml": PACK + FILLED.lstrip("\n")})).may_draw("look")
