"""Compiling never fails in any way but PackError, whatever was done to a pack."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError, PackProblem, Problems
from reality_engine.packs.reader import read_source

EXAMPLES = Path(__file__).parent / "examples"
HARBOR = (EXAMPLES / "harbor_example.yaml").read_text()
LINES = HARBOR.splitlines()
PIECES = (
    *("", "null", "true", "5", "-1.5", "[]", "{}", "[a, b]", "{a: b}", '"="', "=actor", "=", "==", "{", "}", "[", ":"),
    *("- ", "#", "&a", "*a", "!x", "'", '"', "\t", "\n", "  ", "\\", "everyone", "group of", "gm", "target.plan", "me"),
    *("=input.effort", "{self}", "\u2028", "\x85", "\U0001f600", "9" * 30, "x" * 100, "in", "id", "{hero.name", "2d6"),
    *(".", "member", "world", "meter.filled", "plan.completed", "set", "if", "for_each", "record", "list", "ref"),
)

mutation = st.tuples(
    st.sampled_from(["replace", "insert", "delete", "swap", "word"]),
    st.integers(0, len(LINES) - 1),
    st.integers(0, 80),
    st.sampled_from(PIECES) | st.text(max_size=8),
)


def mutated(changes: list[tuple[str, int, int, str]]) -> str:
    lines = list(LINES)
    for how, at_line, column, piece in changes:
        line = lines[at_line]
        cut = min(column, len(line))
        if how == "replace":
            lines[at_line] = line[:cut] + piece + line[cut + len(piece) :]
        elif how == "insert":
            lines[at_line] = line[:cut] + piece + line[cut:]
        elif how == "delete":
            lines[at_line] = line[:cut]
        elif how == "swap":
            other = column % len(lines)
            lines[at_line], lines[other] = lines[other], line
        else:
            words = line.split(" ")
            words[column % len(words)] = piece
            lines[at_line] = " ".join(words)
    return "\n".join(lines)


def compiled_or_refused(source: str) -> None:
    count = len(source.replace("\r\n", "\n").split("\n"))
    for problem in problems_of(source):
        assert 1 <= problem.place.line <= count
        assert problem.place.file == "pack.yaml", problem


def problems_of(source: str) -> tuple[PackProblem, ...]:
    try:
        compile_source({"pack.yaml": source})
    except PackError as error:
        return error.problems
    return ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(mutation, min_size=1, max_size=3))
def test_a_mutated_pack_compiles_or_is_refused(changes: list[tuple[str, int, int, str]]) -> None:
    compiled_or_refused(mutated(changes))


WORKSHOP = read_source("pack.yaml", (EXAMPLES / "workshop.yaml").read_text(), Problems()).data


def ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value inside of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(longer for step, item in inner for longer in ways(item, (*way, step)))]


WAYS = ways(WORKSHOP)[1:]


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        value = value[step]
    return value


VALUES: tuple[Any, ...] = (
    *(None, True, 5, -1.5, [], {}, "", "x", "text", "=1", "=actor.coin", "everyone", ["nobody"], {"type": "record"}),
)

change = st.tuples(
    st.sampled_from(["value", "rename", "remove", "copy"]), st.sampled_from(WAYS), st.sampled_from(WAYS),
    st.sampled_from(VALUES) | st.sampled_from(PIECES),
)  # fmt: skip


def changed(changes: list[tuple[str, tuple[Any, ...], tuple[Any, ...], Any]]) -> str:
    data = copy.deepcopy(WORKSHOP)
    for how, way, other, value in changes:
        try:
            parent = at(data, way[:-1])
            held = parent[way[-1]]
            if how == "value":
                parent[way[-1]] = copy.deepcopy(value)
            elif how == "copy":
                parent[way[-1]] = copy.deepcopy(at(WORKSHOP, other))
            else:
                del parent[way[-1]]
                if how == "rename" and isinstance(parent, dict):
                    parent[str(value)] = held
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    return json.dumps(data, indent=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(change, min_size=1, max_size=4))
def test_a_pack_with_other_values_compiles_or_is_refused(
    changes: list[tuple[str, tuple[Any, ...], tuple[Any, ...], Any]],
) -> None:
    compiled_or_refused(changed(changes))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(PackError):
        compile_source({"pack.yaml": text})
