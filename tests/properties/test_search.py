"""What a search finds in SQL is what one in memory finds in all that a scope sees, for generated texts and scopes."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.ids import fresh_id
from reality_engine.state.models import EntityRow
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import (
    EntityAudienceRow,
    EntityTextRow,
    EventAudienceRow,
    EventFacetRow,
    EventTextRow,
)
from reality_engine.visibility.predicates import newest_events
from reality_engine.visibility.search import Search
from reality_engine.visibility.words import asked_words, kept_words
from tests.serving import NOON

IDS = sorted(fresh_id(NOON) for _ in range(20))
KINDS = ("thing", "thingy")
KEYS = ["everyone", "members", "role:gm", *(f"user:{one}" for one in IDS[:3])]
# Beginnings of each other, what is alike when plain, and what a database might take for more than text.
PIECES = (
    "cass", "Cassandra", "cas'", "heir", "Ünger", "U\u0308nger", "ung", "東京都", "京都", "都", "한국어",
    "ภาษาไทย", "ﬁsh", "STRASSE", "straße",
    "AND", "or", "NOT", "near", "words", "x" * 60, "x" * 39, "a", "ab", "abc", "0", "00", "%",
    "*", '"', "_", "\\", ":", "-", "(", "'", "\U0001f480", "\u0301", "\x7f",
)  # fmt: skip
PAGES = st.sampled_from([1, 2, 3, 50])
texts = st.lists(st.sampled_from(PIECES), max_size=4).flatmap(
    lambda some: st.sampled_from([" ", " ", "", ", "]).map(lambda between: between.join(some))
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)

# What a facet is, to whom it shows, and what it held before.
Part: TypeAlias = tuple[str, frozenset[str], str | None]
parts = st.dictionaries(
    st.integers(0, 2),
    st.tuples(texts, st.frozensets(st.sampled_from(KEYS), max_size=3), st.none() | texts),
    min_size=1,
    max_size=3,
)


@dataclass(frozen=True)
class Made:
    """What is in a world, part by part; the kind of an entity follows from its id."""

    entities: dict[str, dict[int, Part]]
    events: dict[int, dict[int, Part]]


worlds = st.builds(
    Made,
    st.dictionaries(st.sampled_from(IDS), parts, min_size=2, max_size=12),
    st.lists(parts, min_size=2, max_size=12).map(lambda some: dict(enumerate(some, 1))),
)
scopes = st.builds(
    lambda keys, everything: Scope(keys, everything=everything),
    st.frozensets(st.sampled_from(KEYS), min_size=1, max_size=4) | st.just(frozenset()),
    st.sampled_from([False, False, False, True]),
)


def queries(made: Made) -> st.SearchStrategy[str]:
    """Draw mostly what somebody could look for here: beginnings of what stands in one place or in two."""
    said = [part[0] for held in (*made.entities.values(), *made.events.values()) for part in held.values() if part[0]]
    pieces = st.sampled_from([*said, *PIECES]).flatmap(
        lambda text: st.integers(1, max(1, len(text))).map(lambda end: text[:end])
    )
    return st.lists(pieces, min_size=1, max_size=2).map(" ".join)


cases = worlds.flatmap(lambda made: st.tuples(st.just(made), queries(made)))


def kind_of(entity: str) -> str:
    return KINDS[IDS.index(entity) % 2]


def found_in(parts: dict[int, Part], scope: Scope, query: str) -> bool:
    """Search what a scope sees of something, in memory."""
    words = [word for text, keys, _ in parts.values() if sees(scope, keys) for word in kept_words([text]).split()]
    return all(any(word.startswith(asked) for word in words) for asked in asked_words(query))


@dataclass
class Kept:
    """A database that is kept over the examples; each makes a world of its own."""

    units: Units
    runner: asyncio.Runner

    async def fill(self, world: str, made: Made) -> None:
        """Store what the parts held before, and then what they hold."""
        rows: dict[Any, list[dict[str, Any]]] = {EntityRow: [], EntityAudienceRow: []}
        rows |= {EventFacetRow: [], EventAudienceRow: []}
        entities: list[tuple[dict[str, Any], Part]] = []
        events: list[tuple[dict[str, Any], Part]] = []
        for key, held in made.entities.items():
            about = {"kind": kind_of(key), "life": "live", "since": 1}
            rows[EntityRow].append({"world": world, "id": key, **about})
            place = {"world": world, "entity": key, "kind": kind_of(key)}
            entities += [({**place, "facet": facet}, part) for facet, part in held.items()]
        for position, held in made.events.items():
            events += [({"world": world, "position": position, "facet": facet}, part) for facet, part in held.items()]
        for audience, some in ((EntityAudienceRow, entities), (EventAudienceRow, events)):
            rows[audience] = [{**place, "key": pack_key(key)} for place, (_, keys, _) in some for key in keys]
        # Every event has a head, if one without words.
        heads = [{"world": world, "position": at, "facet": 0} for at, held in made.events.items() if 0 not in held]
        rows[EventFacetRow] = [{**place, "content": {}, "keys": []} for place in heads]
        rows[EventFacetRow] += [{**place, "content": {}, "keys": sorted(keys)} for place, (_, keys, _) in events]
        async with self.units.write() as unit:
            for table, written in rows.items():
                if written:
                    await unit.session.execute(insert(table), written)
            for table, some, at in ((EntityTextRow, entities, "entity"), (EventTextRow, events, "position")):
                await self._write_texts(unit, table, at, some)
            await unit.commit()

    async def _write_texts(self, unit: Any, table: Any, at: str, some: Sequence[tuple[dict[str, Any], Part]]) -> None:
        upsert = unit.dialect.upsert(table, ("world", at, "facet"), ("words",))
        before = [{**place, "words": kept_words([part[2]])} for place, part in some if part[2] is not None]
        now = [{**place, "words": kept_words([part[0]])} for place, part in some]
        for written in (before, [row for row in now if row["words"]]):
            if written:
                await unit.session.execute(upsert, written)
        for row in now:
            if not row["words"]:
                places = [getattr(table, name) == row[name] for name in ("world", at, "facet")]
                await unit.session.execute(delete(table).where(*places))


@pytest.fixture
def kept(worker_database_url: str) -> Iterator[Kept]:
    with asyncio.Runner() as runner:
        engines = open_engines(worker_database_url)
        yield Kept(Units(engines), runner)
        runner.run(engines.close())


async def paged(unit: ReadUnit, query: Any, limit: int) -> list[Any]:
    """Return all pages joined, each after the last of the one before; every page but the last is full."""
    found: list[Any] = []
    while True:
        page = list(await unit.session.scalars(query(found[-1] if found else None, limit)))
        found += page
        if len(page) < limit:
            return found


async def check(kept: Kept, made: Made, scope: Scope, query: str, limit: int) -> None:
    world = fresh_id(NOON)
    await kept.fill(world, made)
    await kept.fill(fresh_id(NOON), made)  # another world, of which nothing is to be found
    entities = sorted((key for key, held in made.entities.items() if found_in(held, scope, query)), reverse=True)
    events = sorted((key for key, held in made.events.items() if found_in(held, scope, query)), reverse=True)
    all_seen = Scope(frozenset(), everything=True)
    hidden = [held for held in (*made.entities.values(), *made.events.values()) if found_in(held, all_seen, query)]
    event("found" if entities or events else "hidden" if hidden else "nothing found")
    async with kept.units.read() as unit:
        search = Search(unit.dialect, scope, world, asked_words(query))
        assert await paged(unit, lambda at, size: search.newest_entities(None, at, size), limit) == entities
        for kind in KINDS:
            listed = await paged(unit, lambda at, size, kind=kind: search.newest_entities(kind, at, size), limit)
            assert listed == [key for key in entities if kind_of(key) == kind]
        assert await paged(unit, search.newest_events, limit) == events
        newest = newest_events(unit.dialect, scope, world, None, 100)
        assert list(await unit.session.scalars(search.newest_among(newest, limit))) == events[:limit]
        row = EntityRow
        matching = select(row.id).where(row.world == world, search.entity_matches(row.id)).order_by(row.id.desc())
        assert list(await unit.session.scalars(matching)) == entities
        at = EventFacetRow.position
        matching_events = select(at).where(EventFacetRow.world == world, search.event_matches(at)).distinct()
        assert sorted(await unit.session.scalars(matching_events), reverse=True) == events


@settings(
    max_examples=settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases, scope=scopes, limit=PAGES)
def test_sql_finds_what_memory_finds(kept: Kept, case: tuple[Made, str], scope: Scope, limit: int) -> None:
    made, query = case
    try:
        asked_words(query)
    except InvalidError:
        return
    kept.runner.run(check(kept, made, scope, query, limit))
