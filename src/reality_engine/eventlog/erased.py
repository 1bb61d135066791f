"""What a log tells of values that were erased from it: how many are missing, and how many events account for; pure.

A value that was erased and one that somebody took away look alike. But the engine appends an event that says how many
it erased, and that event is in the chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# What the engine appends when it has erased, with the number of `values` in its data.
ERASED: Final = "person.erased"
VALUES: Final = "values"
# As it is written, the beginning of a commitment is no part of a text, in which the quotes would be escaped.
_COMMITMENT: Final = b'{"#":"'


@dataclass(slots=True)
class Missing:
    """How many values are missing in a log, and how many of these the engine says that it erased."""

    values: int = 0
    told: int = 0

    def count(self, tree: Mapping[str, Any], body: bytes, private: Mapping[str, Any]) -> None:
        """Go on with an event, as it is stored."""
        self.values += body.count(_COMMITMENT) - len(private)
        if is_of_erasure(tree):
            self.told += int(tree.get("data", {}).get(VALUES, 0))


def is_of_erasure(tree: Mapping[str, Any]) -> bool:
    """Say whether an event, as it is stored, is the engine's own that says that something was erased."""
    return bool(tree["type"] == ERASED and tree.get("action") is None and tree.get("cause") is None)
