"""How lists of texts and of bytes are given to a statement of SQLite, as one parameter or two; not the statements."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import CTE, LargeBinary, Text, bindparam, func, select, type_coerce

from reality_engine.db.dialects.dialect import Given
from reality_engine.db.serial import to_json


def texts(name: str, values: Sequence[str] | Given) -> Any:
    """Return the function that has a row for each of some texts, given as one JSON array."""
    if isinstance(values, Given):
        return func.json_each(bindparam(name, type_=Text, required=True))
    return func.json_each(bindparam(None, to_json(list(values))))


def cut(keys: Sequence[tuple[bytes, ...]]) -> tuple[str, bytes]:
    """Return where in one value each part of each key lies, as JSON, and the value."""
    parts = [part for key in keys for part in key]
    ends = accumulate((len(part) for part in parts), initial=1)
    places = [place for start, end in pairwise(ends) for place in (start, end - start)]
    width = 2 * len(keys[0]) if keys else 2
    return to_json([places[at : at + width] for at in range(0, len(places), width)]), b"".join(parts)


def each(keys: Sequence[tuple[bytes, ...]] | Given) -> CTE:
    """Return a row for each key: cut out of one value, since JSON has no bytes, and this SQLite may lack `unhex`."""
    if isinstance(keys, Given):
        rows = func.json_each(bindparam("places", type_=Text, required=True)).table_valued("value")
        width, joined = 1, bindparam("joined", type_=LargeBinary, required=True)
    else:
        places, bytes_ = cut(keys)
        rows = func.json_each(bindparam(None, places)).table_valued("value")
        width, joined = len(keys[0]) if keys else 1, bindparam(None, bytes_, type_=LargeBinary)
    columns = []
    for number in range(width):
        start, length = (func.json_extract(rows.c.value, f"$[{at}]") for at in (2 * number, 2 * number + 1))
        part = func.substr(joined, start, length)
        columns.append(type_coerce(part, LargeBinary).label(f"part{number}"))
    return select(*columns).cte("held")
