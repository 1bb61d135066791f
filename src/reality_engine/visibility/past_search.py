"""Search over what a viewer could see at a moment, as SQL: by the words that things had then; not another sort of word.

The words of a facet at a moment are those of the first row of the past that ended later, or where there is none, those
that it has now.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, or_, select, union_all

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.visibility.models import EntityTextRow, PastTextRow
from reality_engine.visibility.predicates import held_by, looked_up
from reality_engine.visibility.search import Search
from reality_engine.visibility.states import AsOf, FacetPlace, columns
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words


def search_of(dialect: Dialect, viewer: Viewer, words: Words) -> Search:
    """Return a search through what a viewer sees, by the states that they look at."""
    if isinstance(viewer.states, AsOf):
        return PastSearch(dialect, viewer.scope, viewer.world, words, viewer.states)
    return Search(dialect, viewer.scope, viewer.world, words)


@dataclass(frozen=True, slots=True)
class PastSearch(Search):
    """Words, and who looks for them as of when."""

    states: AsOf

    def entity_matches(self, entity: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """Return whether an entity's id is one of those in which all words are found, which were live ones alone."""
        return entity.in_(self._found(None, None))

    def newest_entities(self, kind: str | None, before: str | None, limit: int) -> Select[str]:
        """Return the ids of the newest entities, of a kind or of any, below `before` and found, newest first."""
        found = self._found(kind, before).subquery("found")
        return select(found.c.at).order_by(found.c.at.desc()).limit(limit)

    def _found(self, kind: str | None, before: str | None) -> Select[Any]:
        below = self.states.ids_below if before is None else min(before, self.states.ids_below)
        pages = (self._texts(row, kind, below) for row in (EntityTextRow, PastTextRow))
        # The offset is a fence: the index finds what has the word, and only of that the rest is asked.
        hits = union_all(*pages).subquery("hits").select().offset(0).subquery("each").c
        others = [self._has(hits.at, word) for word in self.words[1:]]
        return select(hits.at).where(self._seen(hits.at, hits.facet), *others).distinct()

    def _texts(self, row: Any, kind: str | None, below: str) -> Select[Any]:
        found = select(row.entity.label("at"), row.facet.label("facet")).where(
            self.dialect.has_word(row, self.world, self.words[0]), row.world == self.world, row.entity < below
        )
        return found.where(*((row.kind == kind,) if kind is not None else ()), *self._of_then(row))

    def _has(self, entity: Any, word: str) -> ColumnElement[bool]:
        """Return whether some text of an entity that could be seen then has a word."""
        now, past = columns(EntityTextRow), columns(PastTextRow)
        return or_(
            *(
                looked_up(
                    row.world == self.world, row.entity == entity, row.words.contains(f" {word}"),
                    self._seen(row.entity, row.facet), *self._of_then(row),
                )
                for row in (now, past)
            )
        )  # fmt: skip

    def _seen(self, entity: Any, facet: Any) -> ColumnElement[bool]:
        place = FacetPlace(self.world, entity, facet)
        return self.states.has_facet(
            place, lambda row: (held_by(self.dialect, self.scope, row.keys),), entity.table
        )  # fmt: skip

    def _of_then(self, row: Any) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions under which a row has the words of then."""
        past, position = columns(PastTextRow), self.states.position
        first = select(func.min(past.until)).where(
            past.world == self.world, past.entity == row.entity, past.facet == row.facet, past.until > position
        ).correlate(row.entity.table).scalar_subquery()  # fmt: skip
        return (row.until == first,) if hasattr(row, "until") else (first.is_(None),)
