"""Puts placeholders into a source so that every other character keeps its line and column."""

import re
from dataclasses import dataclass
from typing import Final

_KEPT: Final = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands between two offsets is replaced by a shorter text."""

    start: int
    end: int
    text: str

    def padded(self, source: str) -> str:
        """Return the text, filled up with blanks and the line breaks of what it replaces."""
        return self.text + _KEPT.sub(" ", source[self.start + len(self.text) : self.end])


def rewritten(source: str, replacements: list[Replacement]) -> str:
    """Return the source with all replacements, which must not overlap."""
    for each in sorted(replacements, key=lambda replacement: replacement.start, reverse=True):
        source = source[: each.start] + each.padded(source) + source[each.end :]
    return source


def free_prefix(source: str) -> str:
    """Return a start for placeholder names that occurs nowhere in the source."""
    prefix = "_f"
    while prefix in source:
        prefix += "_"
    return prefix
