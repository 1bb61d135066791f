"""How a database reads JSON documents and compares what is in them, as one protocol; not what stands in them."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement


class Documents(Protocol):
    """Expressions over JSON columns. A value of another JSON type than the one asked for is NULL, never an error.

    A path's steps are names as packs have them, of letters, digits and underscores.
    """

    def text(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[str]:
        """Return the text at a path."""
        ...

    def number(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the number at a path, exactly: integers within ±(2^53 - 1), and 64-bit floats."""
        ...

    def boolean(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[bool]:
        """Return the boolean at a path."""
        ...

    def seconds(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the seconds of a duration at a path, which is stored such as `5400s`."""
        ...

    def part(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[Any]:
        """Return what is at a path, as JSON."""
        ...

    def items(self, part: ColumnElement[Any]) -> ColumnElement[int]:
        """Return how many items a list has, or keys a mapping; NULL for anything else."""
        ...

    def holds(self, part: ColumnElement[Any], item: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return whether a list has this text, number or boolean in it; NULL where one of them is."""
        ...

    def has_key(self, part: ColumnElement[Any], key: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a mapping has this key; NULL where one of them is."""
        ...

    def contains(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a text has another in it."""
        ...

    def bytewise(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the text so that it compares by its bytes, which for UTF-8 is by code points."""
        ...

    def written(self, document: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a document as JSON text."""
        ...

    def written_text(self, text: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a text as JSON text, `null` where there is none."""
        ...

    def written_moment(self, moment: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a moment as JSON text, in the form of `kernel.clock.to_text`."""
        ...

    def joined(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the texts of all rows with a comma between them, in no order; NULL where there is no row."""
        ...
