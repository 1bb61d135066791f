"""What routes need to look into a world, as `Annotated` types for their parameters."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from reality_engine.accounts.dependencies import OptionalPrincipal
from reality_engine.db.reading.statement import Script
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.packs.cache import PackCache
from reality_engine.reads.as_of import AsOfQuery, KeysQuery, Past, asked_moment, bad_cursor
from reality_engine.reads.standing import stand_at, stood_at
from reality_engine.reads.view_as import HEADER, ViewAs, ViewAsReadsOnlyError, eyes_of
from reality_engine.visibility.arrivals import Arrivals
from reality_engine.visibility.page import Page as Seen
from reality_engine.visibility.page import Standing
from reality_engine.visibility.states import NOW, AsOf
from reality_engine.visibility.viewer import Stamp, Viewer, Viewers, stamp_of, viewer_of
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError, Cursors
from reality_engine.web.dependencies import ContextDep
from reality_engine.web.paging import Page
from reality_engine.web.places import Bound, open_place, seal_place
from reality_engine.web.seals import MAX_LENGTH

T = TypeVar("T")

# Of what the cursors of a feed are places.
FEED: Final = "feed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs of the process: who sees what, the key of entity tags, others' eyes, who comes."""

    viewers: Viewers
    etag_key: bytes
    view_as: ViewAs
    arrivals: Arrivals

    @property
    def packs(self) -> PackCache:
        """Compiled packs."""
        return self.viewers.packs


@dataclass(frozen=True, slots=True)
class Looking:
    """One principal looking into one world, for one request; with the eyes of the member `view_as` where it is set."""

    world: str
    principal: Principal
    units: Units
    cursors: Cursors
    reading: Reading
    view_as: str | None = None
    past: Past | None = None

    @property
    def as_of(self) -> str | None:
        """The moment that is looked at, as it was asked for; None for now."""
        return None if self.past is None else self.past.moment.asked

    @property
    def viewer(self) -> str:
        """Whose cursors and entity tags the answers have: with another's eyes they are neither one's own nor theirs."""
        return self.principal.id if self.view_as is None else f"{self.principal.id} as {self.view_as}"

    def require_own_eyes(self) -> None:
        """Raise ViewAsReadsOnlyError where another's are used: with them one sees what they see, and may do nothing."""
        if self.view_as is not None:
            message = "this is not for looking with another member's eyes, whatever they may do themselves"
            raise ViewAsReadsOnlyError(message, field=HEADER, hint=f"ask without the header {HEADER}")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[ReadUnit, Viewer]]:
        """Open a transaction to read by, and say how the world is seen; raises NotFoundError where it is not."""
        async with self.units.read() as unit:
            looker = await viewer_of(unit, self.world, self.principal, self.reading.viewers)
            viewer = looker if self.view_as is None else await eyes_of(unit, looker, self.view_as)
            if self.past is not None:
                viewer = await self.past.viewer(unit, looker, viewer, viewer.principal)
            yield unit, viewer

    async def page(self, script: Callable[[Viewer], Script[Seen[T]]]) -> tuple[Viewer, Seen[T]]:
        """Read a page that is one read; raises NotFoundError, and whatever `script` does for a viewer.

        It is read through what is kept of the viewer, and the head that comes with it says whether that still held.
        Where it did not, the page is thrown away, and read again once scopes were worked out for all who wait for that;
        if even these held no more, by a transaction that finds out by itself.
        """
        if self.view_as is None:
            likely = self.reading.viewers.likely(self.world, self.principal)
            found = await self._held(script, *likely) if likely is not None else None
            if found is None:
                found = await self._held(script, *await self.reading.arrivals.viewer(self.world, self.principal))
            if found is not None:
                return found
        async with self.open() as (unit, viewer):
            return viewer, await unit.run(script(viewer))

    async def _held(
        self, script: Callable[[Viewer], Script[Seen[T]]], stamp: Stamp, viewer: Viewer
    ) -> tuple[Viewer, Seen[T]] | None:
        """Return a page as a viewer sees it, None where the world is no longer seen so."""
        with suppress(BadCursorError):  # which may be for somebody whose scope has moved
            page = await self.units.page(partial(script, viewer))
            if stamp_of(page.standing) == stamp:
                return viewer, page
        return None

    async def standing(self, unit: ReadUnit, viewer: Viewer | None = None) -> Standing:
        """Return the point of the log that this transaction sees, or at which a viewer looks."""
        head = await eventlog.get_head(unit, self.world)
        states = NOW if viewer is None else viewer.states
        position = states.position if isinstance(states, AsOf) else head.position
        return Standing(position, head.scopes, head.epoch, head.pack)

    def stand(self, position: int) -> str:
        """Seal a point of the log."""
        return stand_at(self.cursors, self.world, self.viewer, position)

    def resume(self, page: Page, viewer: Viewer, purpose: str, query: Plain = None) -> Any:
        """Return where a page of what was asked for goes on, None from the start; raises BadCursorError."""
        if page.cursor is None:
            return None
        return open_place(self.cursors, page.cursor, self.bound(viewer, purpose, query))

    def cursor(self, place: Plain, viewer: Viewer, purpose: str, query: Plain = None) -> str:
        """Seal the place after which the next page begins."""
        return seal_place(self.cursors, place, self.bound(viewer, purpose, query))

    def bound(self, viewer: Viewer, purpose: str, query: Plain) -> Bound:
        """Say what a place is a place in: of a list of the past, in that of the same moment and keys."""
        if self.past is not None:
            query = [query, self.past.moment.asked, self.past.moment.then]
        return Bound(self.viewer, f"{purpose} {self.world}", query, viewer.pack.digest)


async def reading_of(connection: HTTPConnection) -> Reading:
    """Return what the composition root stored."""
    reading: Reading = connection.app.state.reading
    return reading


ViewAsHeader = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=MAX_LENGTH,
        description="A token of view-as: look with that member's eyes, if you see everything",
    ),
]
ReadingDep = Annotated[Reading, Depends(reading_of)]


async def looking_at(
    world: PathId,
    principal: OptionalPrincipal,
    context: ContextDep,
    reading: ReadingDep,
    view_as: ViewAsHeader = None,
) -> Looking:
    """Put together who looks at what; raises BadViewAsError and ViewAsExpiredError."""
    member = view_as and reading.view_as.member(view_as, principal.id, world, context.clock.now())
    return Looking(world, principal, context.units, context.cursors, reading, member)


LookingDep = Annotated[Looking, Depends(looking_at)]


async def looking_back(
    look: LookingDep, context: ContextDep, as_of: AsOfQuery = None, keys: KeysQuery = "now"
) -> Looking:
    """Put together who looks at what, as of when; raises InvalidError."""
    moment = asked_moment(as_of, keys)
    if moment is None:
        return look
    return replace(look, past=Past(moment, partial(opened, look), context.clock.now(), look.reading.packs))


def opened(look: Looking, cursor: str, viewer: Viewer) -> int:
    """Return the position that a cursor stands for: of an answer, or the place after which a feed goes on."""
    with suppress(BadCursorError):
        return stood_at(look.cursors, look.world, look.viewer, cursor)
    with suppress(BadCursorError):
        place = open_place(look.cursors, cursor, look.bound(viewer, FEED, []))
        if isinstance(place, int):
            return place
    raise bad_cursor()


LookingBackDep = Annotated[Looking, Depends(looking_back)]
