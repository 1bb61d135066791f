"""JSON documents on PostgreSQL, which are of type jsonb; not the tables that hold them."""

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
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB


class PostgresqlDocuments:
    """Expressions over jsonb."""

    def text(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[str]:
        """Return the text at a path."""
        return self._scalar(document, path, "string")

    def number(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the number at a path; its shortest decimal form reads back as the same float."""
        return cast(self._scalar(document, path, "number"), Double)

    def boolean(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[bool]:
        """Return the boolean at a path."""
        return cast(self._scalar(document, path, "boolean"), Boolean)

    def seconds(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[float]:
        """Return the seconds of a duration at a path."""
        text = self.text(document, path)
        return case((text.regexp_match("^[0-9]{1,15}s$"), cast(func.rtrim(text, "s"), Double)))

    def part(self, document: ColumnElement[Any], path: Sequence[str]) -> ColumnElement[Any]:
        """Return what is at a path, as JSON."""
        found: ColumnElement[Any] = type_coerce(document, JSONB())
        for step in path:
            found = found.op("->", return_type=JSONB())(cast(step, Text))
        return found

    def items(self, part: ColumnElement[Any]) -> ColumnElement[int]:
        """Return how many items a list has, or keys a mapping."""
        keys = select(func.count()).select_from(func.jsonb_object_keys(part).table_valued("key"))
        items = func.jsonb_array_length(part, type_=Integer)
        kind = func.jsonb_typeof(part)
        return case((kind == "array", items), (kind == "object", keys.scalar_subquery()))

    def holds(self, part: ColumnElement[Any], item: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return whether a list has this value in it."""
        return part.op("@>", return_type=Boolean())(func.to_jsonb(item))

    def has_key(self, part: ColumnElement[Any], key: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a mapping has this key."""
        return part.op("?", return_type=Boolean())(key)

    def contains(self, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
        """Return whether a text has another in it."""
        return func.strpos(text, part) > 0

    def bytewise(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the text in the collation that compares bytes."""
        return text.collate("C")

    def written(self, document: ColumnElement[Any]) -> ColumnElement[str]:
        """Return the document as it is sent."""
        return cast(document, Text)

    def written_text(self, text: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a text as JSON text."""
        return func.coalesce(cast(func.to_json(text), Text), literal_column("'null'", Text))

    def written_moment(self, moment: ColumnElement[Any]) -> ColumnElement[str]:
        """Return a moment, always with six decimals."""
        form = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""", Text)
        return cast(func.to_json(func.to_char(func.timezone(literal_column("'UTC'", Text), moment), form)), Text)

    def joined(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """Return the texts of all rows with a comma between them."""
        return func.string_agg(text, literal_column("','", Text), type_=Text)

    def _scalar(self, document: ColumnElement[Any], path: Sequence[str], kind: str) -> ColumnElement[Any]:
        text = self.part(document, path[:-1]).op("->>", return_type=Text())(cast(path[-1], Text))
        return case((func.jsonb_typeof(self.part(document, path)) == kind, text))
