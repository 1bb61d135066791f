"""Writes the tables of variables, functions and limits into docs/packs.md; a test holds the page to the code."""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reality_engine.expressions.environment import MAX_SOURCE
from reality_engine.expressions.functions import (
    CONVERSIONS,
    FORM_FUNCTIONS,
    LIST_FUNCTIONS,
    MATH_FUNCTIONS,
    TEXT_FUNCTIONS,
    TIME_FUNCTIONS,
    VARIABLES,
    Function,
)
from reality_engine.expressions.paths import MAX_WALKS
from reality_engine.expressions.values import MAX_ITEMS, MAX_TEXT
from reality_engine.packs.loader import MAX_FILES
from reality_engine.packs.problems import MAX_PROBLEMS
from reality_engine.packs.reader import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from reality_engine.rules.decide import DEFAULT_LIMITS

PAGE: Final = Path(__file__).parents[1] / "docs" / "packs.md"
_GROUPS: Final[Mapping[str, tuple[Function, ...]]] = {
    "Forms, which take paths": FORM_FUNCTIONS,
    "Lists and maps": LIST_FUNCTIONS,
    "Text": TEXT_FUNCTIONS,
    "Conversions": CONVERSIONS,
    "Parts of a timestamp": TIME_FUNCTIONS,
    "Numbers": MATH_FUNCTIONS,
}
_LIMITS: Final[Mapping[str, int]] = {
    "bytes in a file": MAX_BYTES,
    "files in a pack": MAX_FILES,
    "YAML values in a file, with every alias written out": MAX_VALUES,
    "levels of nesting in a file": MAX_DEPTH,
    "mistakes told at once": MAX_PROBLEMS,
    "characters in an expression": MAX_SOURCE,
    "refs walked by one path": MAX_WALKS,
    "characters in a text that an expression makes": MAX_TEXT,
    "items in a list or map that an expression makes": MAX_ITEMS,
    "events of one action, its reactions' included": DEFAULT_LIMITS.events,
    "reactions to reactions, one below the other": DEFAULT_LIMITS.depth,
    "fields changed by one action": DEFAULT_LIMITS.changes,
    "expressions evaluated by one action": DEFAULT_LIMITS.evaluations,
}


def main() -> int:
    """Write the tables."""
    PAGE.write_text(written(PAGE.read_text()))
    print(f"{PAGE}: {len(VARIABLES)} variables, {sum(map(len, _GROUPS.values()))} functions, {len(_LIMITS)} limits")
    return 0


def written(page: str) -> str:
    """Return the page with its tables as the code has them; raises ValueError where it has no place for one."""
    for name, table in {"variables": _variables(), "functions": _functions(), "limits": _limits()}.items():
        marked = re.compile(rf"(<!-- {name}: [^\n]* -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        places = marked.findall(page)
        if len(places) != 1:
            message = f"expected one place for {name} in the page, found {len(places)}"
            raise ValueError(message)
        page = _filled(page, marked, table)
    return page


def _filled(page: str, marked: re.Pattern[str], table: str) -> str:
    return marked.sub(lambda match: f"{match[1]}\n{table}\n{match[2]}", page)


def _variables() -> str:
    rows = ((_code(variable.name), variable.meaning, _code(variable.example)) for variable in VARIABLES)
    return _table(("variable", "what it is", "such as"), rows)


def _functions() -> str:
    return "\n".join(f"**{title}**\n\n{_rows(functions)}" for title, functions in _GROUPS.items())


def _rows(functions: Iterable[Function]) -> str:
    head = ("function", "what it gives", "such as")
    return _table(head, ((_code(f.signature), f.meaning, f"{_code(f.example)} is {_code(f.gives)}") for f in functions))


def _limits() -> str:
    return _table(("at most", "of"), ((f"{most:,}", what) for what, most in _LIMITS.items()))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    sys.exit(main())
