"""The statements of pages, made once for each form of a scope and asked for everybody; not what is made of the rows.

A page is one row: where the log of the world stands, and all that the page shows as one JSON array, since a driver
takes as long for each value that it hands over as the database for finding it.
"""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal,
    literal_column,
    select,
    union,
)

from reality_engine.db.dialects.dialect import Dialect, Given
from reality_engine.db.reading.statement import Statement, Values
from reality_engine.db.types import Id
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.models import EventFacetRow
from reality_engine.visibility.predicates import Form, held_by, newest_entities, newest_events, packed_keys

# Of a form there are few, and of databases one in a process, but for tests.
_KEPT: Final = 256
_SCOPES: Final = 4096

WORLD: Final = bindparam("world", type_=Id(), required=True)
LIMIT: Final = bindparam("limit", type_=Integer, required=True)
_HEAD: Final = (HeadRow.position, HeadRow.scopes, HeadRow.epoch, HeadRow.pack)
# Under which a statement of names has them.
_AMONG: Final = Given()


def form_of(dialect: Dialect, scope: Scope) -> tuple[Form, Values]:
    """Return the form of a scope, and what its keys are as parameters."""
    return _form(dialect, everything=scope.everything, keys=scope.keys)


@lru_cache(_SCOPES)
def _form(dialect: Dialect, *, everything: bool, keys: frozenset[str]) -> tuple[Form, Values]:
    if everything:
        return Form(everything=True, keys=Given()), {}
    given, values = dialect.given(packed_keys(Scope(keys)), sorted(keys))
    return Form(everything=False, keys=given), values


@lru_cache(_KEPT)
def heads(dialect: Dialect) -> Statement:
    """Return the statement of where the logs of the worlds `among` stand: the world, and its head."""
    found = select(cast(HeadRow.world, Text), *_HEAD).where(dialect.among(HeadRow.world, _AMONG))
    return Statement(found, dialect.name)


@lru_cache(_KEPT)
def feed(dialect: Dialect, form: Form) -> Statement:
    """Return the statement of the newest events below `before`: the head, and `[position, facet, content]` by part.

    Where asking is far, there are also the ids of what the events name, as far as it is seen, with commas.
    """
    row, documents = EventFacetRow, dialect.documents
    before = bindparam("before", type_=BigInteger, required=True)
    places = newest_events(dialect, form, WORLD, before, LIMIT)
    parts = select(row.position, row.facet, row.content).where(row.world == WORLD, held_by(dialect, form, row.keys))
    page = dialect.looked_up_in(parts, row.position, places).cte("page")
    shown = array(cast(page.c.position, Text), cast(page.c.facet, Text), documents.written(page.c.content))
    named = (_named(dialect, form, page),) if dialect.far else ()
    return _page(dialect, select(documents.joined(shown)).select_from(page), *named)


@lru_cache(_KEPT)
def newest(dialect: Dialect, form: Form, *, owned: bool, first: bool) -> Statement:
    """Return the statement of the newest entities of `kind`, below `before` where it is no `first` page.

    On that, a condition that all meet could have PostgreSQL walk along all entities of the world.
    """
    kind = bindparam("kind", type_=Text, required=True)
    before = None if first else bindparam("before", type_=Id(), required=True)
    places = newest_entities(dialect, form, WORLD, kind, before, LIMIT)
    parts = dialect.looked_up_in(_parts(dialect, form), FacetRow.entity, places)
    return _page(dialect, _facets(dialect, parts, owned=owned))


@lru_cache(_KEPT)
def named_entities(dialect: Dialect, form: Form) -> Statement:
    """Return the statement of those of the ids `among` that belong to entities of which anything is seen."""
    row = FacetRow
    found = select(cast(row.entity, Text)).where(row.world == WORLD, dialect.among(row.entity, _AMONG))
    return Statement(found.where(held_by(dialect, form, row.keys)).distinct(), dialect.name)


@lru_cache(_KEPT)
def named_events(dialect: Dialect, form: Form) -> Statement:
    """Return the statement of those of the ids `among` that belong to events whose head is seen."""
    there = (EventRow.world == EventFacetRow.world) & (EventRow.position == EventFacetRow.position)
    found = select(cast(EventRow.id, Text)).join(EventFacetRow, there)
    found = found.where(EventRow.world == WORLD, dialect.among(EventRow.id, _AMONG), EventFacetRow.facet == 0)
    return Statement(found.where(held_by(dialect, form, EventFacetRow.keys)), dialect.name)


def _parts(dialect: Dialect, form: Form) -> Select[Any]:
    row = FacetRow
    return select(row.entity, row.kind, row.facet, row.fields, row.changed_at).where(
        row.world == WORLD, held_by(dialect, form, row.keys)
    )


def _facets(dialect: Dialect, parts: Select[Any], *, owned: bool) -> Select[Any]:
    """Return `[entity, kind, facet, fields, changed_at, owner]` of each part."""
    part, documents = parts.subquery("part").c, dialect.documents
    owner = select(EntityRow.owner).where(EntityRow.world == WORLD, EntityRow.id == part.entity).scalar_subquery()
    shown = array(
        quoted(part.entity), quoted(part.kind), cast(part.facet, Text), documents.written(part.fields),
        documents.written_moment(part.changed_at),
        documents.written_text(owner) if owned else literal_column("'null'", Text),
    )  # fmt: skip
    return select(documents.joined(shown))


def _named(dialect: Dialect, form: Form, page: CTE) -> Select[Any]:
    """Return the ids of what the heads of a page name: who acted, on what, because of what."""
    row, head = FacetRow, page.c.content["head"]
    named = union(*(select(head[part].as_string().label("id")) for part in ("actor", "target"))).subquery("named").c.id
    seen = select(literal(1)).where(
        row.world == WORLD, row.entity == cast(named, Id()), held_by(dialect, form, row.keys)
    )
    entities = select(named.label("id")).where(named.is_not(None), seen.offset(0).exists())
    cause = select(head["cause"].as_string().label("id")).distinct().subquery("caused").c.id
    event, facet = EventRow, EventFacetRow
    there = (event.world == facet.world) & (event.position == facet.position)
    told = select(literal(1)).select_from(event).join(facet, there)
    told = told.where(event.world == WORLD, event.id == cast(cause, Id()), facet.facet == 0)
    events = select(cause).where(cause.is_not(None), told.where(held_by(dialect, form, facet.keys)).offset(0).exists())
    return select(dialect.documents.joined(entities.union_all(events).subquery("seen").c.id))


def _page(dialect: Dialect, *columns: Select[Any]) -> Statement:
    """Return the statement of a page, which has a row even where there is no such world."""
    one = select(literal(1).label("one")).subquery("one")
    found = select(*_HEAD, *(column.scalar_subquery() for column in columns))
    return Statement(found.select_from(one.outerjoin(HeadRow, HeadRow.world == WORLD)), dialect.name)


def array(*parts: ColumnElement[str]) -> ColumnElement[str]:
    """Return JSON texts as a JSON array of them."""
    text: ColumnElement[str] = literal_column("'['", Text)
    for number, part in enumerate(parts):
        text = (text.concat(literal_column("','", Text)) if number else text).concat(part)
    return text.concat(literal_column("']'", Text))


def quoted(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return an id or the name of a kind as JSON: neither has a character that JSON would write otherwise."""
    mark = literal_column("'\"'", Text)
    return mark.concat(cast(column, Text)).concat(mark)
