"""The functions that are made of simple expressions: what of a pack gets into them, and what is the engine's."""

from collections.abc import Mapping
from types import FunctionType

import pytest

from reality_engine.expressions.plain import FUNCTIONS
from reality_engine.kernel.json import Plain
from tests.unit.expressions.harbor import EVENING, HARBOR, World


def made_of(source: str) -> FunctionType:
    """Return the function of an expression."""
    made = HARBOR.expression(source).direct
    assert isinstance(made, FunctionType)
    return made


@pytest.mark.parametrize(
    "source",
    [
        "actor.name == 'left() or (bindings)'",
        "'\\') or __import__(\\'os\\')' + input.name",
        "input.name in ['{0}', '\"\"\"', '\\\\']",
        "actor.faction.name == find('faction', 'name', 'exit()').name",
    ],
)
def test_nothing_that_a_pack_wrote_becomes_code(source: str) -> None:
    code = made_of(source).__code__
    ours = {"direct", "bindings", "fields", "value", "get", "UNSET", *FUNCTIONS}
    names = {*code.co_names, *code.co_varnames}
    assert {name for name in names - ours if not (name[0] in "kv" and name[1:].isdigit())} <= {"result", "of0", "of1"}
    assert not [one for one in code.co_consts if isinstance(one, str) and one != "\0"]


def test_such_a_constant_is_what_it_is() -> None:
    world = World({("input", "name"): "'''{0}"})
    assert HARBOR.expression("input.name == \"'''{0}\"").evaluate(world) is True


def test_what_it_reaches_is_no_more_than_it_needs() -> None:
    assert made_of("actor.coin > 1").__globals__["__builtins__"] == {}


@pytest.mark.parametrize(
    "source",
    [
        "now > timestamp('2026-01-01T00:00:00Z')",
        "me.roles.exists(role, role == 'gm')",
        "[actor.coin]",
        "target.data.deep == 1",
        "size(target.days) > 1",
    ],
)
def test_what_is_not_simple_is_left_to_the_engine(source: str) -> None:
    assert HARBOR.expression(source).direct is None


def test_each_entity_is_asked_for_once() -> None:
    asked: list[str] = []

    class Counting(World):
        def fields(self, name: str) -> Mapping[str, Plain]:
            asked.append(name)
            return super().fields(name)

    expression = HARBOR.expression("actor.coin + actor.stress * 2 > input.effort")
    assert expression.holds(Counting(EVENING.values, EVENING.entities))
    assert asked == ["actor", "input"]
