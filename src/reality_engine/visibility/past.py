"""Entities as they were at a moment, as far as a viewer's keys open their states of then; not how answers show them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, select

from reality_engine.db.dialects.dialect import Dialect, Given
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain, decode
from reality_engine.packs.left_over import LEFT_OVER
from reality_engine.state.models import EntityRow
from reality_engine.visibility.predicates import Form, held_by
from reality_engine.visibility.statements import WORLD, array, form_of, quoted
from reality_engine.visibility.states import AsOf, FacetPlace, columns
from reality_engine.visibility.viewer import Viewer

# As many forms of scopes times packs as a process may have to do with.
_KEPT: Final = 64


class Part(NamedTuple):
    """A facet of an entity as it was, with what its own row said; `changed_at` is text, as answers have it."""

    entity: str
    kind: str
    facet: int
    fields: dict[str, Plain]
    changed_at: str
    owner: str | None
    life: str


async def parts(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> list[Part]:
    """Return what is visible of these entities by a viewer's states, by entity and facet."""
    found: list[Part] = []
    for key, told, *facets in await _rows(unit, viewer, keys):
        if told is not None:
            found += _told(key, decode(told), zip(_numbers(viewer), facets, strict=True))
    return found


async def seen(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> set[str]:
    """Return those of the ids that belong to entities of which anything was, by a viewer's states, to be seen."""
    rows = await _rows(unit, viewer, keys)
    return {key for key, _, *facets in rows if any(one is not None for one in facets)}


async def _rows(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> Iterable[Any]:
    """Return for each entity what its own row said, and what is seen of each facet, as JSON texts."""
    if not isinstance(viewer.states, AsOf):
        raise TypeError("the present is read otherwise")
    form, held = form_of(unit.dialect, viewer.scope)
    given = {"world": viewer.world, "position": viewer.states.position, "among": unit.dialect.listed(sorted(keys))}
    query = _query(unit.dialect, form, _numbers(viewer))
    # Of the keys as they are stored there is no need: a past state says itself who may see it.
    names = {name: value for name, value in held.items() if name == "names"}
    return await (await unit.session.connection()).execute(query, {**given, **names})


@lru_cache(_KEPT)
def _query(dialect: Dialect, form: Form, numbers: Sequence[int]) -> Select[Any]:
    """Return the query of what is seen of entities, made once for each form of a scope: it takes longer than to run."""
    there, documents = columns(EntityRow), dialect.documents
    states = AsOf(bindparam("position", type_=BigInteger, required=True), "")
    whole = states.entity(
        WORLD, there.id, lambda row: array(documents.written_text(row.owner), quoted(row.life)), lambda _: (),
        there.id.table,
    )  # fmt: skip
    facets = (
        states.facet(
            FacetPlace(WORLD, there.id, number),
            lambda row: array(
                quoted(row.kind), documents.written(row.fields), documents.written_moment(row.changed_at)
            ),
            lambda row: (held_by(dialect, form, row.keys),),
            there.id.table,
        )
        for number in numbers
    )
    query = select(there.id, whole, *facets).where(there.world == WORLD, dialect.among(there.id, Given()))
    return query.order_by(there.id)


def _numbers(viewer: Viewer) -> tuple[int, ...]:
    """Return the facets that an entity may have: in the middle of an upgrade, what is left over too."""
    most = max((len(kind.facets) for kind in viewer.pack.kinds.values()), default=1)
    return (*range(most), *((LEFT_OVER,) if viewer.scope.everything else ()))


def _told(key: str, whole: Any, facets: Iterable[tuple[int, str | None]]) -> Iterator[Part]:
    owner, life = whole
    for number, told in facets:
        if told is not None:
            kind, fields, changed_at = _decoded(told)
            yield Part(key, kind, number, fields, changed_at, owner, life)


def _decoded(told: str) -> Any:
    return decode(told)
