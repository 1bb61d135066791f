"""Evaluating: failures, limits, and what holds; every failure is an EvaluationError."""

from collections.abc import Mapping

import pytest

from reality_engine.expressions.errors import EvaluationError, ExpressionError, NoValueError
from reality_engine.expressions.types import TEXT
from reality_engine.kernel.json import Plain
from tests.unit.expressions.harbor import EVENING, HARBOR, World, give


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("actor.secret", ("actor", "secret")),
        ("actor.mentor.mentor.name", ("actor", "mentor", "mentor", "name")),
        ("find('faction', 'name', 'x').plan", ("find('faction', 'name', 'x')", "plan")),
        ("target.entries.map(e, e.at)", ("at",)),
    ],
)
def test_reading_what_has_no_value_names_the_path(source: str, path: tuple[str, ...]) -> None:
    with pytest.raises(NoValueError) as caught:
        give(source)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "source",
    [
        "9007199254740991 + 1",
        "-9007199254740991 - 1",
        "1.0 / 0.0",
        "0.0 / 0.0",
        "1 / 0",
        "[1][1]",
        "'a\\u0000b'",
        "[{'a': 1.0 / 0.0}]",
        "now + duration('80000000h')",
        "'abc'.substring(2, 1)",
        "['a', 'b'].join('x'.replace('x', input.name)).substring(99)",
        "[dyn(1)].join()",
        "{dyn(1): 2}",
    ],
)
def test_what_cannot_be_kept_is_refused(source: str) -> None:
    with pytest.raises(EvaluationError):
        give(source)


def test_texts_and_lists_have_a_greatest_size() -> None:
    world = World(values={("input", "name"): "a" * 60_000, ("input", "words"): ["a"] * 6_000})
    for source in ("input.name + input.name", "input.words + input.words", "input.name.replace('a', 'bb')"):
        with pytest.raises(EvaluationError):
            give(source, world)


def test_doubling_again_and_again_is_refused_when_compiled() -> None:
    with pytest.raises(ExpressionError):
        HARBOR.expression("[input.name]" + ".map(a, a + a)" * 10)


def test_building_large_values_in_loops_is_refused_when_evaluated() -> None:
    expression = HARBOR.expression("input.words.map(w, input.name + w).size()")
    small = World(values={("input", "name"): "a" * 2_000, ("input", "words"): ["a"] * 1_000})
    large = World(values={("input", "name"): "a" * 60_000, ("input", "words"): ["a"] * 9_000})
    assert expression.evaluate(small) == 1_000
    with pytest.raises(EvaluationError):
        expression.evaluate(large)


@pytest.mark.parametrize("source", ["actor.secret == ''", "1 / 0 == 1", "target.data.x", "target.data.deep.er[0]"])
def test_a_condition_that_cannot_be_decided_does_not_hold(source: str) -> None:
    assert not HARBOR.expression(source).holds(EVENING)


def test_a_text_with_a_nul_character_is_not_compared() -> None:
    world = World(values={("input", "name"): "Knives\0", ("input", "words"): ["a\0"]})
    for source in ("input.name == 'Knives'", "input.words[0] == 'a'"):
        assert not HARBOR.expression(source).holds(world)


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    nested: Plain = 1
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(EvaluationError):
        give("size(target.data)", World(values={("target", "data"): nested}))


def test_what_the_bindings_raise_passes_through() -> None:
    class Asking(World):
        def value(self, path: tuple[str, ...]) -> None:
            raise LookupError(path)

        def fields(self, name: str) -> Mapping[str, Plain]:
            raise LookupError(name)

    for source in ("actor.name == 'x'", "actor.id == 'x'", "[actor.name] == ['x']"):
        with pytest.raises(LookupError):
            HARBOR.expression(source).holds(Asking())


def test_an_expression_may_be_evaluated_again() -> None:
    expression = HARBOR.expression("actor.name", TEXT)
    assert [expression.evaluate(EVENING) for _ in range(3)] == ["Mira"] * 3
