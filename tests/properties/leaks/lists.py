"""Leaks by lists: what is in them, in what order, how much of it, and what a search finds."""

from typing import Any

import pytest
from sqlalchemy import select, true

from reality_engine.reads import listing as read_lists
from reality_engine.state.models import EntityRow
from reality_engine.visibility import search, statements
from reality_engine.visibility.lists import listing, walking
from reality_engine.visibility.models import EntityTextRow
from tests.properties.leaks.catalogue import ALL, Aim, leak, seeing_all, was


@leak("page")
def hidden_entities_make_pages_short(patch: pytest.MonkeyPatch) -> None:
    walks = was(listing, "Walks")
    patch.setattr(listing, "Walks", lambda dialect, viewer, *rest: walks(dialect, seeing_all(viewer), *rest))
    newest = was(statements, "newest_entities")
    patch.setattr(statements, "newest_entities", lambda dialect, _, *rest: newest(dialect, ALL, *rest))


@leak("count", often=True)
def hidden_entities_are_counted(patch: pytest.MonkeyPatch) -> None:
    count = was(read_lists, "count")
    patch.setattr(read_lists, "count", lambda unit, viewer, *rest: count(unit, seeing_all(viewer), *rest))


@leak("filter", Aim(lens="filter"), often=True)
def a_filter_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(walking, "Reading")
    patch.setattr(walking, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@leak("sort", Aim("/entities", lens="sort"), pack="pawns", often=True)
def an_order_reads_hidden_fields(patch: pytest.MonkeyPatch) -> None:
    reading = was(listing, "Reading")
    patch.setattr(listing, "Reading", lambda dialect, viewer, *rest: reading(dialect, seeing_all(viewer), *rest))


@leak("search rank", Aim("/entities", lens="q"), pack="pawns")
def what_is_found_is_ranked_by_hidden_texts(patch: pytest.MonkeyPatch) -> None:
    listed = was(read_lists, "list_page")

    async def ranked(unit: Any, viewer: Any, wanted: Any, *rest: Any) -> Any:
        found = await listed(unit, viewer, wanted, *rest)
        row = EntityTextRow
        query = select(row.entity, row.words).where(row.world == viewer.world)
        texts: list[tuple[str, str]] = [(key, words) for key, words in await unit.session.execute(query)]

        def rank(one: Any) -> int:
            texts_of = [words for key, words in texts if key == one.view.id]
            return -sum(words.count(f" {word}") for words in texts_of for word in wanted.words)

        return sorted(found, key=rank)

    patch.setattr(read_lists, "list_page", ranked)


@leak("search", Aim("/entities", lens="q"))
def a_search_finds_hidden_texts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "visible_facets", lambda *_: true())


@leak("sort", Aim("/entities", lens=""))
def lists_are_in_the_order_of_hidden_changes(patch: pytest.MonkeyPatch) -> None:
    listed = was(read_lists, "list_page")

    async def by_change(unit: Any, viewer: Any, *rest: Any) -> Any:
        found = await listed(unit, viewer, *rest)
        query = select(EntityRow.id, EntityRow.since).where(EntityRow.world == viewer.world)
        since = dict(tuple(row) for row in await unit.session.execute(query))
        return sorted(found, key=lambda one: -since[one.view.id])

    patch.setattr(read_lists, "list_page", by_change)
    patch.setattr(read_lists.Asked, "newest", False)
