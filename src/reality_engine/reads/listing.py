"""What a list of entities is asked for over HTTP, read as the viewer may mean it; not how it is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import InvalidError, Problem, ProblemsError
from reality_engine.kernel.json import Plain
from reality_engine.visibility.entities import EntityView, search_entities
from reality_engine.visibility.filters.names import Names, unknown
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.lists.listing import Wanted, count, list_page
from reality_engine.visibility.lists.ordering import parse_sort
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words, asked_words
from reality_engine.web.paging import Page

MAX_FIELDS: Final = 100
_CHARACTERS: Final = 10_000

KindQuery = Annotated[
    str | None, Query(min_length=1, max_length=200, description="The kind of entity, as the pack names it")
]
SearchQuery = Annotated[
    str | None,
    Query(
        description="Words to be found, each as the beginning of one, in what you see: in texts and enums of entities, "
        "in narratives, data and changed texts of events. Nothing in it is an operator."
    ),
]
FilterQuery = Annotated[
    str | None,
    Query(
        max_length=_CHARACTERS,
        description="A condition in CEL over the fields of the kind, `id`, `owner` and, one ref away, such as "
        "`faction.name`; `me` is your id. What has no value, or none that you see, does not match.",
        openapi_examples={
            "compare": {"value": "coin > 3 && faction.name.startsWith('C')"},
            "mine": {"value": "owner == me && is_set(mood)"},
            "time": {"value": "due < timestamp('2026-05-01T18:00:00Z') + duration('72h')"},
            "choice": {"value": "state in ['open', 'waiting'] && 'urgent' in tags"},
        },
    ),
]
SortQuery = Annotated[
    str | None,
    Query(
        max_length=_CHARACTERS,
        description="Fields to sort by, `-` before one for downwards; what has no value comes last, and what is the "
        "same newest first. Without it, the newest come first.",
        openapi_examples={"two": {"value": "-plan,name"}, "oldest": {"value": "id"}},
    ),
]
FieldsQuery = Annotated[
    str | None,
    Query(
        max_length=_CHARACTERS,
        description="The only fields to show, if you see them; the ETag stays that of all you see",
        openapi_examples={"two": {"value": "name,coin"}},
    ),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for, as it was written."""

    kind: str | None
    q: str | None
    filter: str | None
    sort: str | None
    fields: str | None

    @property
    def query(self) -> Plain:
        """What a cursor of this list is bound to."""
        return [self.kind, list(self.words), self.filter, self.sort]

    @property
    def words(self) -> Words:
        """The words to be found; raises InvalidError where `q` has none."""
        return asked_words(self.q) if self.q is not None else ()

    @property
    def newest(self) -> bool:
        """Whether it is the newest of a kind that are asked for, whatever they hold."""
        return self.kind is not None and self.q is None and self.filter is None and self.sort is None

    def wanted(self, viewer: Viewer) -> Wanted | None:
        """Return what is wanted, None for a search in all kinds; raises ProblemsError with everything wrong."""
        if self.kind is None:
            self._without_kind()
            return None
        names = Names(viewer, self.kind)
        condition = None if self.filter is None else parse_filter(self.filter, names)
        return Wanted(self.kind, condition, parse_sort(self.sort, names), self.words)

    def shown(self, viewer: Viewer) -> frozenset[str] | None:
        """Return the fields to show, None for all; raises ProblemsError."""
        if self.fields is None or self.kind is None:
            return None
        known = Names(viewer, self.kind).fields()
        asked = [name.strip() for name in self.fields.split(",")][:MAX_FIELDS]
        problems = tuple(_unknown(name, known) for name in asked if name not in known)
        if problems:
            raise ProblemsError(problems[0].message, field="fields", hint=problems[0].hint, problems=problems)
        return frozenset(asked)

    def _without_kind(self) -> None:
        if not self.words:
            raise InvalidError("a list is of one kind, or of a search", field="kind", hint="give kind, q or both")
        for name in ("filter", "sort", "fields"):
            if getattr(self, name) is not None:
                raise InvalidError(f"{name} needs a kind, whose fields it names", field="kind", hint="give kind too")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list: what is shown, the place after which more follows, and how many there are if that was asked."""

    views: list[EntityView]
    following: Plain = None
    total: int | None = None


async def page_of(unit: ReadUnit, viewer: Viewer, asked: Asked, page: Page, after: Sequence[Plain] | None) -> Part:
    """Return a page of a list; raises ProblemsError where what is asked for is wrong."""
    wanted = asked.wanted(viewer)
    if wanted is None:
        return await _search(unit, viewer, asked, page, after)
    found = await list_page(unit, viewer, wanted, page.limit + 1, after, page.skip)
    shown = found[: page.limit]
    total = await count(unit, viewer, wanted) if page.total else None
    following: Plain = list(shown[-1].place) if len(found) > page.limit else None
    return Part([one.view for one in shown], following, total)


async def _search(unit: ReadUnit, viewer: Viewer, asked: Asked, page: Page, after: Sequence[Plain] | None) -> Part:
    """Search all kinds, the newest first."""
    if page.offset is not None or page.total:
        message = "a search in all kinds goes on by cursor, and does not count"
        raise InvalidError(message, field="kind", hint="give kind too, or use cursor")
    before = None if after is None else str(after[-1])
    found = await search_entities(unit, viewer, asked.words, None, page.limit + 1, before)
    shown = found[: page.limit]
    return Part(shown, [shown[-1].id] if len(found) > page.limit else None)


def _unknown(name: str, known: tuple[str, ...]) -> Problem:
    message, hint = unknown([name], known)
    return Problem("unknown_field", message, "fields", hint)


async def asked_for(
    kind: KindQuery = None,
    q: SearchQuery = None,
    filter: FilterQuery = None,  # noqa: A002 - it is what the query calls it
    sort: SortQuery = None,
    fields: FieldsQuery = None,
) -> Asked:
    """Read what is asked for from the query."""
    return Asked(kind, q, filter, sort, fields)


AskedDep = Annotated[Asked, Depends(asked_for)]
