"""Templates: where the holes are, what fills them, what is refused."""

import pytest

from reality_engine.expressions.errors import ExpressionError
from reality_engine.expressions.template import render
from tests.unit.expressions.harbor import EVENING, HARBOR


@pytest.mark.parametrize(
    ("source", "pattern", "text"),
    [
        ("plain", "plain", "plain"),
        ("", "", ""),
        ("{actor.name} and {target.name}", "{0} and {1}", "Mira and Knives"),
        ("{{not}} {actor.coin}", "{{not}} {0}", "{not} 2"),
        ("{ {'a': 'b'}['a'] }", "{0}", "b"),
        ("{'}' + actor.name}", "{0}", "}Mira"),
        ("{actor.secret}!", "{0}!", "!"),
        ("{1 / 0}!", "{0}!", "!"),
        ("{actor.weight} {target.scores} {actor.friends}", "{0} {1} {2}", "1.5 1.5, 2 id-tam"),
        ("{now} {target.pace}", "{0} {1}", "2026-05-01T18:30:15.25Z 5400s"),
        ("{me.member}{target.data}", "{0}{1}", "truedeep: er: 1, 2.5, "),
    ],
)
def test_holes_are_filled(source: str, pattern: str, text: str) -> None:
    template = HARBOR.template(source)
    assert (template.pattern, template.text(EVENING)) == (pattern, text)


def test_arguments_are_numbered_texts() -> None:
    arguments = HARBOR.template("{actor.name} has {actor.coin}").arguments(EVENING)
    assert arguments == {"0": "Mira", "1": "2"}
    assert render("{0} has {1}{2}", arguments) == "Mira has 2"


def test_arguments_are_not_read_as_patterns() -> None:
    assert render("{0} {1}", {"0": "{1}", "1": "{{"}) == "{1} {{"


@pytest.mark.parametrize(
    ("source", "offsets"),
    [
        ("{actor.nam} {acto.name}", [7, 13]),
        ("a } b", [2]),
        ("a { b", [2]),
        ("a {} b", [2]),
        ("a {actor}", [3]),
        ("a {target.labels}", [3]),
    ],
)
def test_every_mistake_is_told_at_its_place(source: str, offsets: list[int]) -> None:
    with pytest.raises(ExpressionError) as caught:
        HARBOR.template(source)
    assert [each.offset for each in caught.value.problems] == offsets
