"""The functions that this product adds to the language, written in Python; their documentation is in `functions`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from reality_engine.expressions.types import INTEGER, JSON, NUMBER, TEXT, Base, Type, list_of
from reality_engine.expressions.values import MAX_ITEMS, MAX_TEXT

_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER: Final = {code - 32: code for code in range(ord("a"), ord("z") + 1)}


@dataclass(frozen=True, slots=True)
class Native:
    """One overload of a function; a member is called on its first parameter."""

    name: str
    overload: str
    parameters: tuple[Type, ...]
    result: Type
    implementation: Callable[..., object]
    member: bool = True

    def loosened(self) -> "Native":
        """Return the overload as it runs: elements of lists are not told apart there."""
        parameters = tuple(list_of(JSON) if each.base is Base.LIST else each for each in self.parameters)
        if self.overload == "sum_integers":
            return replace(self, parameters=parameters, result=JSON)
        if self.overload == "sum_numbers":
            return replace(self, name=SUM_OF_NUMBERS, parameters=parameters)
        return replace(self, parameters=parameters)


# What `sum` becomes where its list is known to hold numbers: the sum of none of them is 0.0, not 0.
SUM_OF_NUMBERS: Final = "sum_of_numbers"


def _replace(text: str, old: str, new: str) -> str:
    # Counted first, because the result could be far larger than what may be held in memory.
    size = len(text) + text.count(old) * (len(new) - len(old))
    if size > MAX_TEXT:
        raise ValueError(f"a text would be over the limit of {MAX_TEXT} characters")
    return text.replace(old, new)


def _join(texts: list[str], separator: str = "") -> str:
    if any(type(text) is not str for text in texts):
        raise ValueError("only texts can be joined")
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT + len(separator):
        raise ValueError(f"a text would be over the limit of {MAX_TEXT} characters")
    return separator.join(texts)


def _split(text: str, separator: str) -> list[str]:
    found = text.split(separator) if separator else list(text)
    if len(found) > MAX_ITEMS:
        raise ValueError(f"a list would be over the limit of {MAX_ITEMS} items")
    return found


def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise ValueError(f"no characters {start} to {stop} in a text of {len(text)}")
    return text[start:stop]


def _sum(values: list[int]) -> int | float:
    return sum(values)


def _sum_numbers(values: list[float]) -> float:
    return sum(values, 0.0)


NATIVES: Final[tuple[Native, ...]] = (
    Native("lowerAscii", "text_lower", (TEXT,), TEXT, lambda text: text.translate(_LOWER)),
    Native("upperAscii", "text_upper", (TEXT,), TEXT, lambda text: text.translate(_UPPER)),
    Native("trim", "text_trim", (TEXT,), TEXT, str.strip),
    Native("indexOf", "text_index", (TEXT, TEXT), INTEGER, str.find),
    Native("substring", "text_substring", (TEXT, INTEGER), TEXT, _substring),
    Native("substring", "text_substring_to", (TEXT, INTEGER, INTEGER), TEXT, _substring),
    Native("replace", "text_replace", (TEXT, TEXT, TEXT), TEXT, _replace),
    Native("split", "text_split", (TEXT, TEXT), list_of(TEXT), _split),
    Native("join", "list_join", (list_of(TEXT),), TEXT, _join),
    Native("join", "list_join_with", (list_of(TEXT), TEXT), TEXT, _join),
    Native("sum", "sum_integers", (list_of(INTEGER),), INTEGER, _sum, member=False),
    Native("sum", "sum_numbers", (list_of(NUMBER),), NUMBER, _sum_numbers, member=False),
)
