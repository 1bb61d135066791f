"""How a client asks for a part of a list, and what the answer says about it; not the query."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query

from reality_engine.kernel.errors import InvalidError
from reality_engine.web.envelope import Meta
from reality_engine.web.seals import MAX_LENGTH

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100
# A database walks over what an offset passes; who goes further uses a cursor.
MAX_OFFSET: Final = 100_000

LimitQuery = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="At most this many items")]
OffsetQuery = Annotated[int | None, Query(ge=0, le=MAX_OFFSET, description="Pass over this many items")]
CursorQuery = Annotated[
    str | None, Query(min_length=1, max_length=MAX_LENGTH, description="Go on after this point; from `meta.next`")
]
TotalQuery = Annotated[bool, Query(description="Count all items too, as `meta.total`; costs a query")]


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that was asked for: from an offset, or after a cursor, never both."""

    limit: int = DEFAULT_LIMIT
    offset: int | None = None
    cursor: str | None = None
    total: bool = False

    @property
    def skip(self) -> int:
        """How many items to pass over."""
        return self.offset or 0

    def meta(self, following: str | None = None, total: int | None = None, cursor: str | None = None) -> Meta:
        """Say what was asked for, where the next page begins, how many there are, if asked, and as of when."""
        counted = total if self.total else None
        return Meta(limit=self.limit, offset=self.offset, next=following, total=counted, cursor=cursor)


async def page_of(
    limit: LimitQuery = DEFAULT_LIMIT,
    offset: OffsetQuery = None,
    cursor: CursorQuery = None,
    total: TotalQuery = False,  # noqa: FBT002 - FastAPI calls it by name
) -> Page:
    """Read the page from the query."""
    if offset is not None and cursor is not None:
        raise InvalidError("a page starts at an offset or at a cursor, not at both", field="cursor")
    return Page(limit, offset, cursor, total)


PageDep = Annotated[Page, Depends(page_of)]
