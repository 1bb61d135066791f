"""Search over visible text, as SQL: every word is found within what a scope sees, each as the beginning of one.

A word counts only in a facet that is visible itself; the words of a query may stand in different ones. Results are in
no order but the newest first, since a rank would tell of what is hidden. The index gives the texts of the world with
the longest word, and costs by how many these are; the other words are looked for around them alone.
"""

from dataclasses import dataclass
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
        return _newest(self._entities(kind, before), limit)

    def newest_events(self, before: int | None, limit: int) -> Select[int]:
        """Return the positions of the newest events below `before` and found, newest first."""
        return _newest(self._events(before), limit)

    def _entities(self, kind: str | None, before: str | None) -> Select[str]:
        row = EntityTextRow
        of_kind = (row.kind == kind,) if kind is not None else ()
        hits, other = self._hits((row.entity, row.kind, row.facet), before, *of_kind), aliased(row)
        rest = self._rest(other, other.entity == hits.at, visible_facets(self.scope, other))
        return select(hits.at).where(hits.world == self.world, visible_facets(self.scope, hits), *rest)

    def _events(self, before: int | None) -> Select[int]:
        row = EventTextRow
        hits, other = self._hits((row.position, row.facet), before), aliased(row)
        rest = self._rest(other, other.position == hits.at, visible_event_facets(self.scope, other))
        return select(hits.at).where(hits.world == self.world, visible_event_facets(self.scope, hits), *rest)

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

    def _rest(self, other: Any, same: ColumnElement[bool], visible: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        """Return, for each further word, whether some visible text about the same thing has it.

        Words hold nothing that LIKE knows as a sign, and no two cases of a letter.
        """
        return [
            looked_up(other.world == self.world, same, other.words.contains(f" {word}"), visible)
            for word in self.words[1:]
        ]


def _newest(query: Select[Any], limit: int) -> Select[Any]:
    (at,) = query.selected_columns
    return query.distinct().order_by(at.desc()).limit(limit)
