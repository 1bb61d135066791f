"""What is worked out in Python is what the engine comes to: every value, every failure, and its words."""

from dataclasses import replace
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reality_engine.expressions.direct import Direct
from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.types import BOOLEAN, INTEGER, NUMBER, TEXT, Shapes, list_of, record_of
from reality_engine.kernel.json import Plain
from tests.unit.expressions.harbor import World

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


def outcome(expression: Expression, held: dict[str, Plain]) -> str:
    """Return what comes of evaluating, in words that tell `1` from `1.0` and `true`."""
    try:
        return repr(
            expression.evaluate(World({("v", name): value for name, value in held.items() if value is not None}))
        )
    except EvaluationError as error:
        return repr(error)


@settings(deadline=None)
@given(OF_ANY_TYPE, st.lists(BINDINGS, min_size=4, max_size=4))
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
    expression = PLACE.expression(source)
    assert isinstance(expression.program, Direct), source
    reference = replace(expression, program=expression.program.engine)
    for held in bindings:
        assert outcome(expression, held) == outcome(reference, held), held
