"""Finds strings, comments and brackets in CEL source, to cut pieces out of it; not a parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = r"""[rR]?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_RAW = r"""[rR](?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')"""
_SKIPPED = re.compile(rf"{_RAW}|{_STRING}|//[^\n]*|[A-Za-z0-9_]+|(?P<mark>[()\[\]{{}},])|[\s\S]", re.DOTALL)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call: where each starts and ends, and where the closing parenthesis is."""

    spans: tuple[tuple[int, int], ...]
    end: int


def marks(source: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield brackets and commas with their offsets, those in strings and comments left out."""
    for token in _SKIPPED.finditer(source, start):
        if token["mark"]:
            yield token.start(), token["mark"]


def closing(source: str, opening: int) -> int | None:
    """Return the offset of the bracket that closes the one at `opening`, or None."""
    depth = 0
    for offset, mark in marks(source, opening):
        depth += (mark in _OPENING) - (mark in _CLOSING)
        if depth == 0:
            return offset
    return None


def arguments(source: str, opening: int) -> Arguments:
    """Return the arguments of the call whose parenthesis opens at `opening`; the source must be well formed."""
    depth, starts = 0, [opening + 1]
    ends: list[int] = []
    for offset, mark in marks(source, opening):
        depth += (mark in _OPENING) - (mark in _CLOSING)
        if depth == 0:
            spans = tuple(zip(starts, [*ends, offset], strict=True))
            return Arguments(spans, offset)
        if mark == "," and depth == 1:
            ends.append(offset)
            starts.append(offset + 1)
    raise ValueError("unbalanced parentheses")
