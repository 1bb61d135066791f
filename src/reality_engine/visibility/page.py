"""A page as it is read: what it shows, and where the log stood at that moment; not how it is asked for."""

from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, TypeVar

from reality_engine.kernel.json import decode

T = TypeVar("T")

# Where a feed begins: behind every position.
LAST: Final = 2**63 - 1


class Standing(NamedTuple):
    """What a page needs of the head of its world, in the order in which statements have it; None without a world."""

    position: int
    scopes: int
    epoch: int
    pack: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What was seen at one moment."""

    standing: Standing
    views: list[T]


def shown_parts(told: str | None) -> list[Any]:
    """Return the rows that a statement joined to one text."""
    parts: Any = decode(f"[{told}]") if told else []
    return list(parts)
