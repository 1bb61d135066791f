"""Reading costs a page, not the world: rows touched on PostgreSQL, index terms on SQLite (the ground of P12)."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.state import repository
from reality_engine.state.models import EntityRow, FacetRow, RefRow, UniqueRow
from reality_engine.visibility import entities, events
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.lists.listing import Wanted, list_page
from reality_engine.visibility.models import (
    EntityAudienceRow,
    EntityTextRow,
    EventAudienceRow,
    EventFacetRow,
    EventTextRow,
)
from reality_engine.visibility.reasons import position_of, seen_parts
from reality_engine.visibility.resolver import scope_of
from reality_engine.visibility.seen import member_of, seen_before, seen_now
from reality_engine.visibility.states import AsOf
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import asked_words, kept_words
from tests.playing import QUAY
from tests.serving import NOON

WORLD, USER, GROUP, TARGET, OTHER = (fresh_id(NOON) for _ in range(5))
CROWD = frozenset(f"group:{fresh_id(NOON)}" for _ in range(700))
MEMBER = Principal(PrincipalKind.PERSON, USER, "Mira")
EVENTS, ENTITIES, PAGE = 5000, 3000, 50
RARE = f"user:{USER}"
IDS = sorted(fresh_id(NOON + timedelta(seconds=number)) for number in range(ENTITIES))
SCOPES = {
    "member": Scope(frozenset({"everyone", "members", "role:player", RARE, f"group:{GROUP}"}), member=True, user=USER),
    "stranger": Scope(frozenset({"everyone"})),
    "member of many groups": Scope(frozenset({"everyone", "members", RARE}) | CROWD, member=True, user=USER),
    "nobody": Scope(frozenset({f"user:{OTHER}"})),
    "game master": Scope(frozenset({"everyone", "members"}), everything=True, member=True, user=USER),
}
THEN = AsOf(500, IDS[2000])
# How many rows a page may touch, its facets, their keys and the next page's first included; a world has thousands.
BOUND = 12 * PAGE
# A search looks through so many of the newest events of each key first; the world has some 10,000 texts of events.
SEARCH_BOUND = BOUND + 6 * events.WALKED


async def fill(units: Units) -> None:
    """Store events and entities that everyone, members or one user may see, as far as reading looks at them."""
    rows: dict[Any, list[dict[str, Any]]] = {
        table: []
        for table in (
            EventTextRow,
            EntityTextRow,
            EventFacetRow,
            EventAudienceRow,
            EntityRow,
            FacetRow,
            EntityAudienceRow,
            RefRow,
            UniqueRow,
        )
    }
    for position in range(1, EVENTS + 1):
        for facet, key in enumerate(("everyone", "members") if position % 2 else ("members", "role:gm")):
            place = {"world": WORLD, "position": position, "facet": facet}
            seen_by = RARE if position % 1000 == 0 else key
            rows[EventFacetRow].append({**place, "content": {"id": fresh_id(NOON), "at": ""}, "keys": [seen_by]})
            rows[EventAudienceRow].append({**place, "key": pack_key(seen_by)})
            said = ["tide", f"ship{position}", *(["wreck"] if position % 1000 == 0 else [])]
            rows[EventTextRow].append({**place, "words": kept_words(said)})
    for number, key in enumerate(IDS):
        _entity(rows, number, key)
    rows[UniqueRow].append({"world": WORLD, "kind": "member", "field": "user", "value": USER, "entity": IDS[7]})
    async with units.write() as unit:
        for table, some in rows.items():
            await unit.session.execute(insert(table), some)
        await unit.commit()


def _entity(rows: dict[Any, list[dict[str, Any]]], number: int, key: str) -> None:
    kind = "clock" if number % 300 == 0 else "character"
    owner = USER if number % 1000 == 10 else f"user {number % 100}"
    place = {"world": WORLD, "entity": key, "kind": kind}
    rows[EntityRow].append({"world": WORLD, "id": key, "kind": kind, "owner": owner, "life": "live", "since": 1})
    for facet, seen_by in enumerate(("everyone" if number % 5 else "role:gm", RARE)):
        held = {"fields": {f"field{facet}": number}, "keys": [seen_by], "since": 1, "changed_at": NOON}
        rows[FacetRow].append({**place, "facet": facet, **held})
        rows[EntityAudienceRow].append({**place, "facet": facet, "key": pack_key(seen_by)})
        said = ["tide", f"ship{number}", *(["wreck"] if number % 1000 == 0 else [])]
        rows[EntityTextRow].append({**place, "facet": facet, "words": kept_words(said)})
    rows[UniqueRow].append({"world": WORLD, "kind": kind, "field": "name", "value": str(number), "entity": key})
    target = TARGET if number % 500 == 10 else OTHER
    rows[RefRow].append({"world": WORLD, "target": target, "path": "character.faction", "source": key})


@pytest.fixture(params=["without statistics", "with statistics"])
async def engines(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    await fill(Units(engines))
    if request.param == "with statistics":
        async with engines.writer.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
    yield engines
    await engines.close()


@pytest.fixture(scope="module")
def pack() -> CompiledPack:
    return compile_source(
        {"pack.yaml": QUAY.replace("kinds:\n", "kinds:\n  rare: {visible_to: [everyone], fields: {}}\n", 1)}
    )


def viewer(pack: CompiledPack, who: str) -> Viewer:
    return Viewer(WORLD, pack, SCOPES[who])


Read = Callable[[ReadUnit, CompiledPack], Awaitable[object]]


def reads_of(who: str) -> dict[str, Read]:
    return {
        f"feed of {who}": lambda unit, pack: events.feed_page(unit, viewer(pack, who), PAGE),
        f"feed of {who}, further down": lambda unit, pack: events.feed_page(unit, viewer(pack, who), PAGE, 2500),
        f"list of {who}": lambda unit, pack: entities.list_entities(unit, viewer(pack, who), "character", PAGE),
        f"list of {who}, further down": lambda unit, pack: entities.list_entities(
            unit, viewer(pack, who), "character", PAGE, IDS[2000]
        ),
        f"search of {who} in the feed, for what is common": lambda unit, pack: events.feed_page(
            unit, viewer(pack, who), PAGE, None, asked_words("tide ship")
        ),
        f"search of {who} in the feed, for what is rare": lambda unit, pack: events.feed_page(
            unit, viewer(pack, who), PAGE, None, asked_words("wreck tide")
        ),
        f"search of {who} in entities": lambda unit, pack: entities.search_entities(
            unit, viewer(pack, who), asked_words("wreck tide"), "character", PAGE
        ),
        f"few of {who}": lambda unit, pack: entities.list_entities(unit, viewer(pack, who), "clock", PAGE),
        f"names of {who}": lambda unit, pack: entities.visible_ids(unit, viewer(pack, who), set(IDS[:20])),
        f"states of {who}": lambda unit, _: seen_now(unit, SCOPES[who], WORLD, IDS[:20]),
        f"states before, of {who}": lambda unit, _: seen_before(unit, SCOPES[who], WORLD, 500, IDS[:20]),
        f"list of {who} as of a moment": lambda unit, pack: list_page(
            unit, replace(viewer(pack, who), states=THEN), Wanted("character"), PAGE
        ),
        f"entities of {who} as of a moment": lambda unit, pack: entities.views(
            unit, replace(viewer(pack, who), states=THEN), IDS[:20]
        ),
        f"reasons of {who}": lambda unit, _: seen_parts(unit, SCOPES[who], WORLD, 500),
        f"an event of {who}": lambda unit, _: position_of(unit, SCOPES[who], WORLD, OTHER),
    }


READS: dict[str, Read] = {
    **{name: read for who in SCOPES for name, read in reads_of(who).items()},
    "member": lambda unit, _: member_of(unit, WORLD, USER),
    "scope": lambda unit, pack: scope_of(unit, WORLD, pack, MEMBER),
    "referring": lambda unit, _: repository.referring(
        unit, WORLD, {(TARGET, "character.faction"), (GROUP, "character.faction")}
    ),
    "entities": lambda unit, _: repository.entities_with_secrets(unit, WORLD, IDS[100:150]),
    "unique": lambda unit, _: repository.found(unit, WORLD, [("member", "user", USER)]),
}


@contextmanager
def explaining(engines: Engines) -> Iterator[list[Any]]:
    """Have every statement explained just before it runs; yields the plans."""
    plans: list[Any] = []
    how = "EXPLAIN QUERY PLAN " if engines.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, FORMAT JSON) "

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            cursor.execute(how + statement, parameters)
            plans.extend(cursor.fetchall())

    engine = engines.reader.sync_engine
    event.listen(engine, "before_cursor_execute", explain)
    yield plans
    event.remove(engine, "before_cursor_execute", explain)


def touched(plan: dict[str, Any]) -> int:
    """Return how many rows the scans of a plan touched, filtered ones too."""
    scans = plan["Node Type"].endswith("Scan") and plan["Node Type"] not in {"Subquery Scan", "Function Scan"}
    per_loop = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    below = sum(touched(part) for part in plan.get("Plans", ()))
    return below + (round(per_loop * plan["Actual Loops"]) if scans else 0)


def rows_touched(plans: list[Any]) -> list[int]:
    """Return how many rows each of PostgreSQL's plans touched."""
    return [touched(one[0]["Plan"]) for one in read_plans(plans)]


def read_plans(plans: list[Any]) -> list[Any]:
    """Return PostgreSQL's plans, which its driver may give as text."""
    return [json.loads(told) if isinstance(told, str) else told for (told,) in plans]


def check_postgresql(plans: list[Any], bound: int) -> None:
    read, rows = read_plans(plans), rows_touched(plans)
    assert sum(rows) <= bound, f"{rows} rows: " + "; ".join(node for one in read for node in named(one[0]["Plan"]))


def named(plan: dict[str, Any]) -> list[str]:
    """Return what a plan does, a line for each node."""
    about = [plan["Node Type"], plan.get("Relation Name"), plan.get("Index Name"), plan["Actual Rows"]]
    return [
        " ".join(str(part) for part in about if part),
        *(one for part in plan.get("Plans", ()) for one in named(part)),
    ]


def check_sqlite(plans: list[Any], _: int) -> None:
    told = [str(plan[3]) for plan in plans]
    tables = "entit|event|world|past"
    scans = [one for one in told if re.match(rf"SCAN ({tables})", one)]
    # Nothing is read by the world alone, apart from the newest events of all and those below a position.
    # There is one head for each.
    keyed = ("event_facets", "world_heads")
    wide = [one for one in told if re.search(r"\(world=\?\)", one) and not any(table in one for table in keyed)]
    assert not scans + wide, "\n".join(told)


async def test_no_read_goes_through_a_world(engines: Engines, pack: CompiledPack) -> None:
    bad = {}
    check = check_sqlite if engines.dialect.name == "sqlite" else check_postgresql
    for what, read in READS.items():
        with explaining(engines) as plans:
            async with Units(engines).read() as unit:
                await read(unit, pack)
        assert plans
        try:
            check(plans, SEARCH_BOUND if what.startswith("search") else BOUND)
        except AssertionError as error:
            bad[what] = str(error)
    assert not bad, "\n\n".join(f"{what}: {why}" for what, why in bad.items())
