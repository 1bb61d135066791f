"""The parts of the proof that need no database: names for tokens, requests from the API's own document, steps."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from reality_engine.app.api import document
from reality_engine.app.proving.asking import unfillable
from reality_engine.app.proving.endpoints import ROOT, endpoints
from reality_engine.app.proving.fate import Fate, Picker
from reality_engine.app.proving.finding import Finding, Outcome
from reality_engine.app.proving.flows import refused_alike
from reality_engine.app.proving.renaming import Renaming
from reality_engine.app.proving.steps import BOTH, Act, Joined, Made, Someone, names_in, resolved
from reality_engine.app.proving.story import differences
from reality_engine.rules.asked import Asked, Rule
from reality_engine.rules.decision import Refused

ONE, OTHER = "019de368-f600-7b11-ace9-effe70c72dce", "019de368-f600-7173-a737-f3d6e73a477d"


def test_texts_that_differ_in_tokens_alone_become_the_same() -> None:
    a, b = (
        Renaming().rename(f'{{"id": "{one}", "of": "{two}", "again": "{one}"}}')
        for one, two in ((ONE, OTHER), (OTHER, ONE))
    )
    assert a == b == '{"id": "<0:36>", "of": "<1:36>", "again": "<0:36>"}'


def test_a_token_keeps_its_number_from_one_text_to_the_next() -> None:
    names = Renaming()
    names.rename(ONE)
    assert names.rename(f"{OTHER} {ONE}") == "<1:36> <0:36>"
    assert names.number(ONE) == 0
    assert Renaming([ONE]).rename(ONE) == ONE


def test_a_cursor_is_a_token_and_its_length_tells() -> None:
    cursor = base64.urlsafe_b64encode(bytes(range(120, 220))).decode().rstrip("=")
    assert Renaming().rename(f'"{cursor}"') == f'"<0:{len(cursor)}>"'


def test_a_cursor_that_can_be_read_is_no_token() -> None:
    cursor = base64.urlsafe_b64encode(b'{"after": 17, "purpose": "the feed of a world"}').decode().rstrip("=")
    assert Renaming().rename(f'"{cursor}"') == f'"{cursor}"'


def test_every_parameter_of_every_endpoint_can_be_filled() -> None:
    found = endpoints(document())
    assert len(found) >= 9
    assert not unfillable(found), "give app.proving.asking a maker for it, or the proof leaves it out"


def test_a_parameter_that_nobody_knows_is_noticed() -> None:
    strange: Any = {"name": "mystery", "in": "query", "required": False, "schema": {"type": "string"}}
    found = endpoints({"paths": {f"{ROOT}/odd": {"get": {"parameters": [strange]}}, "/api/v1/packs": {"get": {}}}})
    assert [endpoint.path for endpoint in found] == [f"{ROOT}/odd"]
    assert unfillable(found) == [f"{ROOT}/odd: mystery"]


def test_dice_fall_alike_beside_other_ids() -> None:
    fate = Fate("seed")
    fate.step = 3
    one, other = fate()(), fate()()
    one.below(1 << 62)
    assert [one.below(6) for _ in range(9)] == [other.below(6) for _ in range(9)]
    fate.salt = 1
    assert fate()().below(1 << 62) != other.below(1 << 62)


def test_a_picker_chooses_the_same_by_the_same_seed() -> None:
    drawn = [[Picker("a", number).below(1000) for number in range(5)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert Picker("b").weighted([("never", 0.0), ("always", 1.0)]) == "always"


def test_names_stand_for_other_things_in_each_world() -> None:
    act = Act(
        4, "a gm", "whisper", target=Made(0, "pawn"), inputs={"text": "a"}, otherwise={"text": "b"}, instead="a player"
    )
    assert [(act.by(name), act.given(name)["text"]) for name in BOTH] == [("a gm", "a"), ("a player", "b")]
    moved = Act(5, "a gm", "whisper", target=Made(0, "pawn"), elsewhere=Made(1, "pawn"))
    assert [moved.aim(name) for name in BOTH] == [Made(0, "pawn"), Made(1, "pawn")]
    assert not moved.alike
    value = {"list": [Someone("a gm"), Joined(("id == '", Made(1, "pawn"), "'"))]}
    assert list(names_in(value)) == [Someone("a gm"), Made(1, "pawn")]
    assert resolved(value, lambda _: "x") == {"list": ["x", "id == 'x'"]}


def test_rules_that_say_no_for_the_same_reasons_explain_no_difference() -> None:
    asked = Asked(Rule.REQUIRE, None, holds=False, variables={"target": "one"})
    refused = Refused("requirement_failed", "too poor", asked=(asked,))
    assert refused_alike(refused, replace(refused, asked=(replace(asked, variables={"target": "other"}),)))
    for other in (replace(refused, message="too rich"), replace(refused, asked=(replace(asked, holds=True),)), None):
        assert not refused_alike(refused, other)


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ('200\n\n{"data":[{"x":1}]}', '200\n\n{"data":[{"x":2}]}', [("data[0].x: 1", "data[0].x: 2")]),
        ('200\n\n{"data":{}}', '404\n\n{"data":{}}', [("status: 200", "status: 404")]),
        ("200\netag: a\n\n{}", "200\n\n{}", [("etag: a", "—")]),
    ],
)
def test_differences_are_told_part_by_part(a: str, b: str, told: list[tuple[str, str]]) -> None:
    found = differences(Finding(Outcome.LEAK, 1, "a player", a, b, {"A": a, "B": b}))
    assert [(line.a, line.b) for line in found] == told
