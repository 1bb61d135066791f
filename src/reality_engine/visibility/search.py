"""Search over visible text, as SQL: every word is found within what a scope sees, each as the beginning of one.

A word counts only in a facet that is visible itself; the words of a query may stand in different ones. Results are in
no order but the newest first, since a rank would tell of what is hidden. The index gives the texts of the world with
the longest word, and costs by how many these are; whether they are seen, and the other words, is looked up around those
of the newest, until a page is full.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, select
from sqlalchemy.orm import aliased

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.models import EntityTextRow, EventTextRow
from reality_engine.visibility.predicates import looked_up, visible_event_facets, visible_facets
from reality_engine.visibility.words import Words


@dataclass(frozen=True, slots=True)
class Search:
    """Words, and who looks for them where."""

    dialect: Dialect
    scope: Scope
    world: str
    words: Words

    def entity_matches(self, entity: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """Return whether an entity's id is one of those in which all words are found, which are live ones alone.

        It is a set of ids, worked out once: look the entities up by it, then filter, sort and count.
        """
        return entity.in_(self._entities(None, None))

    def event_matches(self, position: SQLColumnExpression[int]) -> ColumnElement[bool]:
        """Return whether a position is that of one of the events in which all words are found."""
        return position.in_(self._events(None))

    def newest_entities(self, kind: str | None, before: str | None, limit: int) -> Select[str]:
        """Return the ids of the newest entities, of a kind or of any, below `before` and found, newest first."""
        return _newest(self._entities(kind, before, once=True), limit)

    def newest_events(self, before: int | None, limit: int) -> Select[int]:
        """Return the positions of the newest events below `before` and found, newest first."""
        return _newest(self._events(before, once=True), limit)

    def newest_among(self, events: Select[int], limit: int) -> Select[int]:
        """Return the newest of these visible events that are found; costs by how many they are, and uses no index."""
        at, other = events.subquery().c[0], aliased(EventTextRow)
        having = self._having(other, other.position == at, visible_event_facets(self.scope, other), self.words)
        return select(at).where(*having).order_by(at.desc()).limit(limit)

    def _entities(self, kind: str | None, before: str | None, *, once: bool = False) -> Select[str]:
        row = EntityTextRow
        of_kind = (row.kind == kind,) if kind is not None else ()
        hits, other = self._hits((row.entity, row.kind, row.facet), before, *of_kind), aliased(row)
        around = partial(self._having, other, other.entity == hits.at, visible_facets(self.scope, other))
        found = select(hits.at).where(
            hits.world == self.world, visible_facets(self.scope, hits), *around(self.words[1:])
        )
        return (
            found.where(*(~earlier for earlier in around(self.words[:1], other.facet < hits.facet))) if once else found
        )

    def _events(self, before: int | None, *, once: bool = False) -> Select[int]:
        row = EventTextRow
        hits, other = self._hits((row.position, row.facet), before), aliased(row)
        around = partial(self._having, other, other.position == hits.at, visible_event_facets(self.scope, other))
        found = select(hits.at).where(
            hits.world == self.world, visible_event_facets(self.scope, hits), *around(self.words[1:])
        )
        return (
            found.where(*(~earlier for earlier in around(self.words[:1], other.facet < hits.facet))) if once else found
        )

    def _hits(self, columns: tuple[Any, ...], before: Any, *conditions: ColumnElement[bool]) -> Any:
        """Return these columns of the texts with the first word, found by their index, those of the newest first.

        The offset is a fence: either database else may think that going through the world is less than using the
        index, of which it knows little, or look at who sees each text before it knows which of them make the page.
        """
        at = columns[0]
        found = select(at.class_.world, at.label("at"), *columns)
        found = found.where(self.dialect.has_word(at.class_, self.world, self.words[0]), *conditions)
        if before is not None:
            found = found.where(at < before)
        return found.order_by(at.desc()).offset(0).subquery().c

    def _having(
        self, other: Any, same: ColumnElement[bool], visible: ColumnElement[bool], words: Words, *more: Any
    ) -> list[ColumnElement[bool]]:
        """Return, for each of the words, whether some visible text about the same thing has it.

        Words hold nothing that LIKE knows as a sign, and no two cases of a letter.
        """
        return [
            looked_up(other.world == self.world, same, other.words.contains(f" {word}"), visible, *more)
            for word in words
        ]


def _newest(query: Select[Any], limit: int) -> Select[Any]:
    """Return the first of a query over hits in their order, which neither database gives up for a condition.

    Ordered only then: SQLite would look up who sees each hit before it sorted them.
    """
    at = query.limit(limit).subquery().c[0]
    return select(at).order_by(at.desc())
