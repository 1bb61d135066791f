"""Puts a batch into one statement of PostgreSQL: each part of it a common table expression; does not execute it.

The text depends on which tables are written and how, not on the rows, so that it is prepared once for all batches of
the same form. All parts see the database as it was before; that is why no batch names a row twice.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from itertools import count
from typing import Any, Final, NamedTuple

from sqlalchemy import String, make_url

from reality_engine.db.batch import Batch, Writes
from reality_engine.db.dialects.encoding import JSON_ENCODERS, Encoding
from reality_engine.db.serial import to_json
from reality_engine.db.shape import Row, Shape

# What the server says (division by zero) where some guards held and others did not, which undoes the statement.
NOT_ALL: Final = "22012"
_GUARD, _DROP, _PUT, _INSERT, _UPDATE, _NARROW = "guard", "drop", "put", "insert", "update", "narrow"
_FORMS: Final = 1024
_DIALECT: Final = make_url("postgresql+asyncpg://").get_dialect()()
# Divides by zero where some guards held and others did not; where none did, every part does nothing.
_GATE: Final = "SELECT 1 / CASE WHEN many IN (0, $1) THEN 1 ELSE 0 END = 1 AND many > 0 AS yes FROM held"


class Part(NamedTuple):
    """One table written in one way; `names` are the columns that an update changes.

    Those of a narrowing are what it goes by: the columns of its rows' key, what they must hold a part of, the list.
    """

    way: str
    shape: Shape
    names: tuple[str, ...] = ()


def statement_of(batch: Batch) -> tuple[str, list[Any]]:
    """Return a statement, which answers whether the guards held, and its parameters."""
    form: list[Part] = []
    values: list[Any] = []
    if batch.guards:
        values.append(len(batch.guards))
    for part, columns in _parts(batch):
        form.append(part)
        values.extend(columns)
    return _statement(tuple(form)), values


@cache
def locking(shape: Shape) -> str:
    """Return a statement that holds rows until the transaction ends; its parameters are their keys, by column."""
    arrays = ", ".join(f"${place}::{_type(shape, name)}[]" for place, name in enumerate(shape.key, 1))
    same = " AND ".join(f"there.{name} = given.{name}" for name in shape.key)
    given = f"unnest({arrays}) AS given({', '.join(shape.key)})"
    # In order of their keys, so that two processes that hold several wait for each other in one order.
    order = ", ".join(f"there.{name}" for name in shape.key)
    return f"SELECT 1 FROM {given} JOIN {shape.name} AS there ON {same} ORDER BY {order} FOR UPDATE OF there"


def _parts(batch: Batch) -> Iterator[tuple[Part, list[Sequence[Any]]]]:
    guards: dict[Shape, list[tuple[Row, Row]]] = {}
    # In order of their keys, so that two processes that guard the same rows wait for each other in one order.
    for (shape, _), pair in sorted(batch.guards.items(), key=lambda guard: (guard[0][0].name, guard[0][1])):
        guards.setdefault(shape, []).append(pair)
    for shape, pairs in guards.items():
        before = _columns(shape, shape.guarded, [pair[0] for pair in pairs])
        yield Part(_GUARD, shape), [*_encoding(shape).columns([pair[1] for pair in pairs]), *before]
    for writes in batch.tables:
        yield from _parts_of(writes)


def _parts_of(writes: Writes) -> Iterator[tuple[Part, list[Sequence[Any]]]]:
    shape, encoding = writes.shape, _encoding(writes.shape)
    if writes.gone:
        yield Part(_DROP, shape), list(zip(*writes.gone, strict=True))
    if writes.kept:
        yield Part(_PUT, shape), encoding.columns(writes.kept.values())
    if new := writes.new:
        yield Part(_INSERT, shape), encoding.columns(new)
    narrowed: dict[tuple[str, ...], list[Row]] = {}
    for (start, holder, part, column), some in writes.narrowed.items():
        taken = None if some is None else to_json(sorted(some))
        narrowed.setdefault((*shape.key[: len(start)], holder, column), []).append((*start, part, taken))
    for names, rows in narrowed.items():
        yield Part(_NARROW, shape, names), list(zip(*rows, strict=True))
    changed: dict[tuple[str, ...], list[Row]] = {}
    for key, values in writes.changed.items():
        names = tuple(sorted(values))
        changed.setdefault(names, []).append((*key, *(values[name] for name in names)))
    for names, rows in changed.items():
        columns = Encoding(shape, (*shape.key, *names), JSON_ENCODERS).columns(rows)
        yield Part(_UPDATE, shape, names), columns


def _columns(shape: Shape, names: Sequence[str], rows: Collection[Row]) -> list[Sequence[Any]]:
    return [[row[shape.places[name]] for row in rows] for name in names]


@cache
def _encoding(shape: Shape) -> Encoding:
    return Encoding(shape, shape.names, JSON_ENCODERS)


@lru_cache(_FORMS)
def _statement(form: tuple[Part, ...]) -> str:
    """Return the text; the names in it are those of our own tables and columns."""
    guards = sum(part.way == _GUARD for part in form)
    number = count(2 if guards else 1)
    texts = [f"part{place} AS ({_text(part, number, gated=guards > 0)})" for place, part in enumerate(form)]
    if not guards:
        return f"WITH {', '.join(texts)} SELECT true"
    held = " + ".join(f"(SELECT count(*) FROM part{place})" for place in range(guards))
    texts.insert(guards, f"held AS (SELECT {held} AS many)")
    texts.insert(guards + 1, f"gate AS ({_GATE})")
    return f"WITH {', '.join(texts)} SELECT yes FROM gate"


def _text(part: Part, number: Iterator[int], *, gated: bool) -> str:
    way, shape, names = part
    if way == _NARROW:
        return _narrowing(shape, names, number, gated=gated)
    changed = names if way == _UPDATE else shape.names
    bound = [(name, name) for name in ((*shape.key, *names) if way in (_DROP, _UPDATE) else shape.names)]
    bound += [(name, f"held_{name}") for name in (shape.guarded if way == _GUARD else ())]
    arrays = ", ".join(f"${next(number)}::{_type(shape, name)}[]" for name, _ in bound)
    given = f"unnest({arrays}) AS given({', '.join(alias for _, alias in bound)})"
    same = [f"there.{name} = given.{name}" for name in shape.key]
    gate = ["(SELECT yes FROM gate)"] if gated else []
    if way == _DROP:
        return f"DELETE FROM {shape.name} AS there USING {given} WHERE {' AND '.join(same + gate)}"
    if way in (_INSERT, _PUT):
        where = f" WHERE {gate[0]}" if gated else ""
        into = f"INSERT INTO {shape.name} ({', '.join(shape.names)}) SELECT * FROM {given}{where}"
        return into if way == _INSERT else f"{into} ON CONFLICT ({', '.join(shape.key)}) DO {_instead(shape)}"
    changes = ", ".join(f"{name} = given.{name}" for name in changed if name not in shape.key)
    same += [f"there.{name} = given.held_{name}" for name in shape.guarded] if way == _GUARD else gate
    update = f"UPDATE {shape.name} AS there SET {changes} FROM {given} WHERE {' AND '.join(same)}"
    return f"{update} RETURNING 1" if way == _GUARD else update


def _narrowing(shape: Shape, names: tuple[str, ...], number: Iterator[int], *, gated: bool) -> str:
    """Return an update that takes texts out of the lists of rows, which keep their order."""
    *start, holder, column = names
    types = [*(_type(shape, name) for name in start), "TEXT", "JSONB"]
    given = f"unnest({', '.join(f'${next(number)}::{kind}[]' for kind in types)}) AS given({', '.join(names)})"
    each = f"jsonb_array_elements_text(there.{column}) WITH ORDINALITY AS each(value, place)"
    kept = (
        f"SELECT coalesce(jsonb_agg(value ORDER BY place), '[]') FROM {each} "
        f"WHERE NOT jsonb_exists(given.{column}, value) AND given.{column} IS NOT NULL"
    )
    same = [f"there.{name} = given.{name}" for name in start] + [f"jsonb_exists(there.{holder}, given.{holder})"]
    same += ["(SELECT yes FROM gate)"] if gated else []
    return f"UPDATE {shape.name} AS there SET {column} = ({kept}) FROM {given} WHERE {' AND '.join(same)}"


def _instead(shape: Shape) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in shape.rest)
    return f"UPDATE SET {changes}" if changes else "NOTHING"


@cache
def _type(shape: Shape, name: str) -> str:
    """Return a column's type as a parameter has it; a text's without its length, which would cut it off."""
    kind = shape.columns[shape.places[name]].type
    return "TEXT" if isinstance(kind, String) else kind.compile(dialect=_DIALECT)
