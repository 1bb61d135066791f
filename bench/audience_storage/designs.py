"""The two designs as SQL: A, rows for each key, and B, interned sets; not the measuring."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from bench.audience_storage.made import Part


def number_of(keys: Sequence[str]) -> int:
    """Return the number under which design B keeps a set."""
    digest = blake2b(",".join(keys).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def tables(design: str, *, lite: bool) -> Iterator[str]:
    """Yield the statements that make a design's tables."""
    key, number, text = ("BLOB", "INTEGER", "TEXT") if lite else ("uuid", "bigint", 'text COLLATE "C"')
    end = " WITHOUT ROWID" if lite else ""
    column = f", audience {number}" if design == "B" else ""
    yield (
        f"CREATE TABLE event_facet(world {key}, position {number}, facet {number}{column}, content {text},"
        f" PRIMARY KEY(world, position, facet)){end}"
    )
    yield (
        f"CREATE TABLE entity_facet(world {key}, kind {text}, entity {key}, facet {number}{column}, content {text},"
        f" PRIMARY KEY(world, kind, entity, facet)){end}"
    )
    if design == "B":
        yield (
            f"CREATE TABLE audience_key(world {key}, key {text}, audience {number},"
            f" PRIMARY KEY(world, key, audience)){end}"
        )
        yield "CREATE INDEX event_set ON event_facet(world, audience, position, facet)"
        yield "CREATE INDEX entity_set ON entity_facet(world, kind, audience, entity, facet)"
        return
    yield (
        f"CREATE TABLE event_audience(world {key}, key {text}, position {number}, facet {number},"
        f" PRIMARY KEY(world, key, position, facet)){end}"
    )
    yield (
        f"CREATE TABLE entity_audience(world {key}, kind {text}, key {text}, entity {key}, facet {number},"
        f" PRIMARY KEY(world, kind, key, entity, facet)){end}"
    )


def rows(
    design: str, world: object, feed: Sequence[Part], things: Sequence[Part]
) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of each table."""

    def audience(part: Part) -> tuple[int, ...]:
        return (number_of(part.keys),) if design == "B" else ()

    found: dict[str, list[tuple[object, ...]]] = {
        "event_facet": [(world, one.place, one.facet, *audience(one), one.content) for one in feed],
        "entity_facet": [(world, one.kind, one.place, one.facet, *audience(one), one.content) for one in things],
    }
    if design == "B":
        sets = {one.keys for one in (*feed, *things)}
        return {**found, "audience_key": [(world, key, number_of(keys)) for keys in sets for key in keys]}
    return {
        **found,
        "event_audience": [(world, key, one.place, one.facet) for one in feed for key in one.keys],
        "entity_audience": [(world, one.kind, key, one.place, one.facet) for one in things for key in one.keys],
    }


def page(design: str, what: str, *, lite: bool) -> str:
    """Return the query of a `feed` page of 50 or a `list` of 20: $1 world, $2 before, $3 keys, for lists $4 kind.

    Each key (A) or set (B) is asked for at most one page, from its own index range, and the pages are merged.
    """
    feed = what == "feed"
    place, facets, limit = ("position", "event_facet", 50) if feed else ("entity", "entity_facet", 20)
    table, column = (facets, "audience") if design == "B" else (facets.replace("facet", "audience"), "key")
    given = "SELECT value AS v FROM json_each($3)" if lite else "SELECT unnest($3::text[]) AS v"
    terms = given
    if design == "B":
        terms = f"SELECT DISTINCT audience AS v FROM audience_key WHERE world=$1 AND key IN ({given})"
    of_kind = "" if feed else " AND t.kind=$4 AND t.facet=0"
    matches = f"t.world=$1 AND t.{place}<$2 AND t.{column}=k.v{of_kind}"
    order = f"ORDER BY 1 DESC, 2 DESC LIMIT {limit}"
    if lite:  # there is no LATERAL: a lower bound for each key instead
        low = f"(SELECT t.{place} FROM {table} t WHERE {matches} ORDER BY t.{place} DESC LIMIT 1 OFFSET {limit - 1})"
        least = "-1" if feed else "zeroblob(1)"
        found = (
            f"SELECT DISTINCT t.{place}, t.facet FROM ({terms}) k CROSS JOIN {table} t"
            f" WHERE {matches} AND t.{place}>=coalesce({low}, {least}) {order}"
        )
    else:
        each = f"SELECT t.{place}, t.facet FROM {table} t WHERE {matches} {order}"
        found = f"SELECT DISTINCT p.* FROM ({terms}) k CROSS JOIN LATERAL ({each}) p {order}"
    kind = "" if feed else " AND f.kind=$4"
    return (
        f"SELECT f.{place}, f.facet, f.content FROM ({found}) p {'CROSS ' if lite else ''}JOIN {facets} f"
        f" ON f.world=$1 AND f.{place}=p.{place} AND f.facet=p.facet{kind} ORDER BY 1 DESC, 2 DESC"
    )
