"""Makes and drops the index of the words of a table, which no model can declare; what it is for stands in the dialects.

Migrations that are released call it, so it never changes: another form of the index is another module. A term is the
end of the world's id and a word after it, so that a look-up in one world passes no other.
"""

from typing import Final

from alembic import op

from reality_engine.db import types
from reality_engine.db.dialects.dialect import WORD_INDEX


def create(table: str) -> None:
    """Make the index of `table`, which has `number`, `world` and `words`, a space before each word."""
    made = _POSTGRESQL if op.get_bind().dialect.name == types.POSTGRESQL else _SQLITE
    for statement in made:
        op.execute(statement.format(table=table, index=f"{WORD_INDEX}{table}"))


def drop(table: str) -> None:
    """Drop the index; on PostgreSQL and of SQLite's triggers, that is left to dropping the table."""
    if op.get_bind().dialect.name != types.POSTGRESQL:
        op.execute(f"DROP TABLE {WORD_INDEX}{table}")


_POSTGRESQL: Final = (
    """CREATE INDEX {index} ON {table} USING gin (
        (array_to_tsvector(string_to_array(ltrim(replace(words, ' ', ' ' || right(world::text, 8))), ' ')))
    )""",
)
# It keeps no text, and of a term only where it is. Its tokens are cut at what is not a letter or digit of ASCII, so at
# the spaces: it does not know better than we do what a word is.
_SQLITE: Final = (
    "CREATE VIRTUAL TABLE {index} USING fts5(words, content='', columnsize=0, detail=none, tokenize=ascii)",
    """CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN
        INSERT INTO {index}(rowid, words) VALUES (new.number, replace(new.words, ' ', ' ' || substr(new.world, -8)));
    END""",
    """CREATE TRIGGER {table}_dropped AFTER DELETE ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, words)
        VALUES ('delete', old.number, replace(old.words, ' ', ' ' || substr(old.world, -8)));
    END""",
    """CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN
        INSERT INTO {index}({index}, rowid, words)
        VALUES ('delete', old.number, replace(old.words, ' ', ' ' || substr(old.world, -8)));
        INSERT INTO {index}(rowid, words) VALUES (new.number, replace(new.words, ' ', ' ' || substr(new.world, -8)));
    END""",
)
