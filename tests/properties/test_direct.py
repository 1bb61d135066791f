"""What is worked out in Python is what the engine comes to: every value, every failure, and its words."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import example, settings
from hypothesis import given as given_some
from hypothesis import strategies as st

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.types import BOOLEAN, INTEGER, NUMBER, TEXT, Shapes, list_of, record_of
from reality_engine.kernel.json import Plain
from tests.unit.expressions.harbor import ENTITIES, GULLS, HARBOR, KNIVES, MIRA, TAM, World

MEMBERS: Final = {
    "i": INTEGER, "j": INTEGER, "x": NUMBER, "y": NUMBER, "t": TEXT, "u": TEXT, "b": BOOLEAN, "c": BOOLEAN,
    "l": list_of(TEXT), "m": list_of(TEXT),
}  # fmt: skip
PLACE: Final = Environment(Shapes(), {"v": record_of(**MEMBERS)})

INTEGERS: Final = st.integers(-3, 3) | st.integers(2**53 - 2, 2**53 + 1) | st.integers(-(2**64), 2**64)
TEXTS: Final = st.text(st.sampled_from("ab\u00e9\uffff\U0001f600\0\ud800"), max_size=3)
HELD: Final[dict[str, st.SearchStrategy[Plain]]] = {
    "i": INTEGERS, "x": st.floats() | st.integers(-3, 3), "t": TEXTS, "b": st.booleans(),
    "l": st.lists(TEXTS, max_size=3),
}  # fmt: skip
ALIKE: Final = {"j": "i", "y": "x", "u": "t", "c": "b", "m": "l"}
# Sometimes there is nothing, or what should not be there.
ODD: Final[st.SearchStrategy[Plain]] = st.sampled_from([None, True, 1, 1.0, "a", [1], ["a", None], {}])
BINDINGS: Final = st.fixed_dictionaries(
    {name: HELD[ALIKE.get(name, name)] | HELD[ALIKE.get(name, name)] | ODD for name in MEMBERS}
)


def joined(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return sources made of a pattern, with parts in its holes."""
    return st.tuples(*parts).map(lambda found: pattern.format(*found))


def sources(depth: int) -> dict[str, st.SearchStrategy[str]]:
    """Return sources of each type, so many operators deep."""
    whole = st.sampled_from(["v.i", "v.j", "0", "2", "-7", "9223372036854775807", "(-9223372036854775808)"])
    number = st.sampled_from(["v.x", "v.y", "0.0", "-1.5", "1e300"])
    text = st.sampled_from(["v.t", "v.u", "''", "'a'", "'\u00e9\U0001f600'"])
    truth = st.sampled_from(["v.b", "v.c", "true", "false", "is_set(v.i)"])
    items = st.sampled_from(["v.l", "v.m", "[]", "['a', 'ab']"])
    if depth == 0:
        return {"whole": whole, "number": number, "text": text, "truth": truth, "items": items}
    of = sources(depth - 1)
    order = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])

    def compared(kind: str) -> st.SearchStrategy[str]:
        return st.tuples(of[kind], order, of[kind]).map(" ".join).map("({})".format)

    def either(kind: str) -> st.SearchStrategy[str]:
        return joined("({} ? {} : {})", of["truth"], of[kind], of[kind])

    arithmetic = (joined(f"({{}} {sign} {{}})", of["whole"], of["whole"]) for sign in "+-*/%")
    floating = (joined(f"({{}} {sign} {{}})", of["number"], of["number"]) for sign in "+-*/")
    searching = (
        joined(f"{{}}.{name}({{}})", of["text"], of["text"]) for name in ("contains", "startsWith", "endsWith")
    )
    extremes = (joined(f"math.{name}({{}}, {{}})", of["whole"], of["whole"]) for name in ("least", "greatest"))
    return {
        "whole": st.one_of(
            whole, either("whole"), *arithmetic, *extremes, joined("-{}", of["whole"]), joined("int({})", of["number"]),
            joined("size({})", of["text"]), joined("{}.size()", of["text"]), joined("size({})", items),
        ),
        "number": st.one_of(
            number, either("number"), *floating, joined("-{}", of["number"]), joined("double({})", of["whole"])
        ),
        "text": st.one_of(text, either("text"), joined("({} + {})", of["text"], of["text"])),
        "truth": st.one_of(
            truth, either("truth"), compared("whole"), compared("number"), compared("text"), *searching,
            joined("({} == {})", of["truth"], of["truth"]), joined("({} != {})", of["truth"], of["truth"]),
            joined("({} && {})", of["truth"], of["truth"]), joined("({} || {})", of["truth"], of["truth"]),
            joined("!{}", of["truth"]), joined("({} in {})", of["text"], items),
        ),
        "items": items,
    }  # fmt: skip


OF_ANY_TYPE: Final = st.one_of(*(each for kind, each in sources(3).items() if kind != "items"))


def outcome(expression: Expression, world: World) -> str:
    """Return what comes of evaluating, in words that tell `1` from `1.0` and `true`."""
    try:
        return repr(expression.evaluate(world))
    except EvaluationError as error:
        return repr(error)


def agree(source: str, place: Environment, worlds: Iterable[World]) -> None:
    """Hold what is worked out in Python to the engine."""
    expression = place.expression(source)
    assert expression.direct is not None, source
    reference = replace(expression, direct=None)
    for world in worlds:
        assert outcome(expression, world) == outcome(reference, world), world
        assert expression.holds(world) is reference.holds(world), world


@settings(deadline=None)
@given_some(OF_ANY_TYPE, st.lists(BINDINGS, min_size=4, max_size=4))
@example("v.i + 1", [{"i": 2**53 - 1}, {"i": 2**53}, {"i": True}, {"i": None}, {"i": 1.0}])
@example("(-9223372036854775808) / v.i", [{"i": -1}, {"i": 0}])
@example("(-9223372036854775808) % v.i", [{"i": -1}, {"i": 0}])
@example("-7 / v.i * 100 + -7 % v.i", [{"i": 2}, {"i": -2}])
@example("v.x / v.y", [{"x": 1.0, "y": 0.0}, {"x": 0, "y": -3}])
@example("int(v.x)", [{"x": -1.9}, {"x": 1e19}, {"x": float("nan")}, {"x": 9007199254740993.0}])
@example("v.i == 1 || true", [{"i": None}, {"i": "a"}, {"i": 2}])
@example("v.t < v.u", [{"t": "\uffff", "u": "\U0001f600"}, {"t": "\ud800", "u": "a"}, {"t": "a\0", "u": "a"}])
@example("v.t in v.l", [{"t": "a", "l": ["a", 1]}, {"t": "a", "l": ["\ud800", "a"]}, {"t": "a", "l": ["a"]}])
def test_python_and_the_engine_come_to_the_same(source: str, bindings: list[dict[str, Plain]]) -> None:
    agree(source, PLACE, [World(given(held, ("v",))) for held in bindings])


# By every way that a value can be reached: below an entity, a record or a ref, by what is found, and beside fields.
REACHED: Final = [
    "actor.coin + input.effort", "actor.weight * input.share", "actor.name + input.name", "actor.faction",
    "actor.faction.plan >= actor.coin", "actor.mentor.faction.name == target.name", "actor.broken || actor.coin > 1",
    "actor.id == me.id", "actor.owner == me.id", "input.who.coin > actor.coin", "'gm' in me.roles && me.admin",
    "find('faction', 'name', input.name).plan > actor.coin", "is_set(actor.mentor) && actor.mentor.coin > 0",
    "!is_set(input.faction) || input.faction.plan > 3", "is_set(find('faction', 'name', input.name)) ? 1 : 2",
]  # fmt: skip
OF_CHARACTERS: Final[dict[str, st.SearchStrategy[Plain]]] = {
    "coin": INTEGERS, "weight": st.floats(), "name": TEXTS, "owner": TEXTS, "broken": st.booleans(),
    "faction": st.sampled_from([KNIVES, GULLS]), "mentor": st.just(TAM),
}  # fmt: skip
OF_INPUTS: Final[dict[str, st.SearchStrategy[Plain]]] = {
    "effort": INTEGERS, "share": st.floats(), "name": TEXTS | st.just("Knives"), "faction": st.just(GULLS),
    "who": st.just(TAM),
}  # fmt: skip
OF_ME: Final[dict[str, st.SearchStrategy[Plain]]] = {
    "id": TEXTS | st.just(MIRA), "roles": st.lists(TEXTS | st.just("gm"), max_size=3), "admin": st.booleans()
}  # fmt: skip


def some(of: dict[str, st.SearchStrategy[Plain]]) -> st.SearchStrategy[dict[str, Plain]]:
    """Return some of what there may be, and something odd among it now and then."""
    return st.fixed_dictionaries({}, optional={name: each | each | each | ODD for name, each in of.items()})


def given(held: Mapping[str, Plain], below: Path) -> dict[Path, Plain]:
    """Return what has a value, by its path."""
    return {(*below, name): value for name, value in held.items() if value is not None}


@pytest.mark.parametrize("source", REACHED)
@settings(deadline=None, max_examples=30)
@given_some(some(OF_CHARACTERS), some(OF_INPUTS), some(OF_ME), st.sampled_from([None, KNIVES, GULLS]))
def test_it_is_the_same_however_a_value_is_reached(
    source: str, actor: dict[str, Plain], inputs: dict[str, Plain], me: dict[str, Plain], target: str | None
) -> None:
    values = given(inputs, ("input",)) | given(me, ("me",))
    character = {name: value for name, value in actor.items() if value is not None}
    things = {**ENTITIES, MIRA: {"kind": "character", **character}}
    agree(source, HARBOR, [World(values, {"actor": MIRA} | ({"target": target} if target else {}), things)])
