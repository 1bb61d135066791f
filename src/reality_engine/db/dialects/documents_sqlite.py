"""JSON documents on SQLite, which are text; not the tables that hold them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    Integer,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)


class SqliteDocuments:
    """Expressions over JSON in text. Its numbers are read by the database as the floats that were written."""

    def text(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[str]:
        """Return the text at a path."""
        return type_coerce(self._scalar(document, path, "text"), Text())

    def number(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the number at a path."""
        return type_coerce(self._scalar(document, path, "integer", "real"), Double())

    def boolean(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[bool]:
        """Return the boolean at a path."""
        return type_coerce(self._scalar(document, path, "true", "false"), Boolean())

    def seconds(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the seconds of a duration at a path."""
        text = self.text(document, path)
        digits = func.rtrim(text, "s")
        whole = (text == digits.concat("s")) & digits.op("GLOB")("[0-9]*") & ~digits.op("GLOB")("*[^0-9]*")
        return case((whole, type_coerce(cast(digits, Integer), Double())))

    def part(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[Any]:
        """Return what is at a path, as JSON."""
        return type_coerce(func.json_extract(document, _path(path)), Text()) if path else document

    def items(self, part: ColumnElement[Any]) -> ColumnElement[int]:
        """Return how many items a list has, or keys a mapping."""
        counted = select(func.count()).select_from(func.json_each(part).table_valued("value")).scalar_subquery()
        return case((func.json_type(part).in_(["array", "object"]), counted))

    def holds(self, part: ColumnElement[Any], item: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return whether a list has this value in it."""
        return _among(func.json_each(part).table_valued("value").c.value, part, item)

    def has_key(self, part: ColumnElement[Any], key: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a mapping has this key."""
        return _among(func.json_each(part).table_valued("key").c.key, part, key)

    def contains(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a text has another in it."""
        return func.instr(text, part) > 0

    def bytewise(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the text as it is: nothing else is how texts compare."""
        return text

    def written(self, document: ColumnElement[Any]) -> ColumnElement[str]:
        """Return the document as it is, since it is text."""
        return type_coerce(document, Text())

    def written_text(self, text: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a text as JSON text."""
        return func.json_quote(text, type_=Text)

    def written_moment(self, moment: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a moment, which is text in that form."""
        mark = literal_column("'\"'", Text)
        return mark.concat(type_coerce(moment, Text())).concat(mark)

    def joined(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the texts of all rows with a comma between them."""
        return func.group_concat(text, type_=Text)

    def _scalar(self, document: ColumnElement[Any], path: Sequence[str], *kinds: str) -> ColumnElement[Any]:
        place = _path(path)
        return case((func.json_type(document, place).in_(kinds), func.json_extract(document, place)))


def _path(path: Sequence[str]) -> str:
    return "$" + "".join(f'."{step}"' for step in path)


def _among(each: ColumnElement[Any], part: ColumnElement[Any], wanted: ColumnElement[Any]) -> ColumnElement[bool]:
    # EXISTS is never NULL, but asking for nothing, or in nothing, is.
    found = select(literal(1)).where(type_coerce(each, wanted.type) == wanted).exists()
    return case((part.is_not(None) & wanted.is_not(None), type_coerce(found, Boolean())))
