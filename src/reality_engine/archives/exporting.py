"""Writes a world as an archive, while it is acted in: page by page up to where its log ended at the beginning.

Each page is a member of gzip and a transaction of its own, so nothing is held for longer, and whoever was interrupted
goes on after the last member that is whole. Nothing here opens a file.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reality_engine.archives.errors import PastRewrittenError
from reality_engine.archives.lines import (
    FORMAT,
    EndLine,
    EndPart,
    EventLine,
    ForkPart,
    HeadPart,
    Line,
    Manifest,
    PackLine,
    UserLine,
    WorldPart,
    written,
)
from reality_engine.archives.members import member
from reality_engine.archives.pseudonyms import Names, Naming, naming_of
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import World
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.reading import BEGINNING, Logged, Place, checked
from reality_engine.kernel.clock import Clock, to_text
from reality_engine.kernel.json import exact, is_exact
from reality_engine.packs import repository as packs

# What a page may come to in memory, roughly: after a larger one the next has half as many events.
_HEAVY: Final = 4 * 2**20
_MOST: Final = 1000


@dataclass
class Written:
    """How far an archive is written: where in the log, and what its end will say of all before it."""

    place: Place = BEGINNING
    packs: set[str] = field(default_factory=set)
    users: int = 0
    events: int = 0
    ended: bool = False
    hashed: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def take(self, line: Line, raw: bytes) -> None:
        """Count a line, given also as it is written."""
        self.hashed.update(raw)
        if isinstance(line, PackLine):
            self.packs.add(line.pack)
        elif isinstance(line, UserLine):
            self.users += 1
        elif isinstance(line, EventLine):
            self.events += 1
            self.place = Place(line.event, bytes.fromhex(line.digest))
        elif isinstance(line, EndLine):
            self.ended = True

    @property
    def end(self) -> EndLine:
        """The line that ends the archive."""
        counts = EndPart(
            packs=len(self.packs), users=self.users, events=self.events, sha256=self.hashed.hexdigest()
        )  # fmt: skip
        return EndLine(end=counts)


@dataclass(frozen=True)
class Exporting:
    """One export: the world, by how its people are named, and how far it has come."""

    units: Units
    world: str
    manifest: Manifest
    names: Names
    written: Written = field(default_factory=Written)

    async def members(self) -> AsyncIterator[bytes]:
        """Yield what is still to be written, a member at a time, the last of which has the end.

        Raises PastRewrittenError where the world is no longer what was exported already, and IntegrityError where its
        log is not whole.
        """
        if self.written.ended:
            return
        if not self.written.packs:  # of which the first member has one
            yield await self._member([self.manifest, await self._pack(self.manifest.head.pack), *self.names.lines()])
        many, head = 100, self.manifest.head
        while self.written.place.position < head.position:
            page, size = await self._page(min(many, head.position - self.written.place.position))
            yield await self._member(page)
            many = max(1, many // 2) if size > _HEAVY else min(many * 2, _MOST)
        yield await self._member([self.written.end])

    async def _member(self, lines: Sequence[Line]) -> bytes:
        return await asyncio.to_thread(self._packed, lines)

    def _packed(self, lines: Sequence[Line]) -> bytes:
        raws = [written(line) for line in lines]
        for line, raw in zip(lines, raws, strict=True):
            self.written.take(line, raw)
        return member(raws)

    async def _page(self, many: int) -> tuple[list[Line], int]:
        """Return the next events, each pack before the first that names it, and how large they are."""
        place = self.written.place
        async with self.units.read() as unit:
            head = await eventlog.get_head(unit, self.world)
            rows = await eventlog.stored_page(unit, self.world, place.position, many)
        if head.epoch != self.manifest.head.epoch or not rows:
            raise rewritten()
        logged = await asyncio.to_thread(list, checked(rows, place))
        lines: list[Line] = []
        named = set(self.written.packs)
        for one, row in zip(logged, rows, strict=True):
            pack = str(one.tree["pack"])
            if pack not in named:
                named.add(pack)
                lines.append(await self._pack(pack))
            lines.append(_line(one, row[6], self.names))
        return lines, sum(len(row[5]) + len(row[6]) for row in rows)

    async def _pack(self, digest: str) -> PackLine:
        async with self.units.read() as unit:
            return PackLine(pack=digest, files=dict((await packs.get_pack(unit, digest)).files))


async def begin(units: Units, world: str, clock: Clock, engine: str, naming: Naming) -> Exporting:
    """Begin an export of a world up to where its log ends now; raises NotFoundError."""
    async with units.read() as unit:
        found = await directory.get(unit, world)
        head = await eventlog.get_head(unit, world)
        names = await naming_of(unit, world, naming)
    manifest = Manifest(
        archive="reality-engine", format=FORMAT, engine=engine, exported_at=to_text(clock.now()),
        pseudonyms=naming is Naming.PSEUDONYMS,
        world=WorldPart(id=world, created_at=to_text(found.created_at), forked_from=_forked_from(found)),
        head=HeadPart(
            position=head.position, digest=head.digest.hex(), pack=head.pack,
            recorded_at=to_text(head.recorded_at), epoch=head.epoch,
        ),
    )  # fmt: skip
    return Exporting(units, world, manifest, names)


def _forked_from(world: World) -> ForkPart | None:
    lineage = world.lineage
    return None if lineage is None else ForkPart(world=lineage.origin, position=lineage.position)


async def resumed(units: Units, manifest: Manifest, done: Written) -> Exporting:
    """Go on with an export of which so much is written; raises PastRewrittenError where the log is another one now."""
    world = manifest.world.id
    async with units.read() as unit:
        await _require_same(unit, world, manifest, done.place)
        names = await naming_of(unit, world, Naming.PSEUDONYMS if manifest.pseudonyms else Naming.ACCOUNTS)
    return Exporting(units, world, manifest, names, done)


def rewritten() -> PastRewrittenError:
    """Return the error that what was exported already is not what the log says now."""
    return PastRewrittenError("the log of the world is not what it was when the export began", hint="export it anew")


async def _require_same(unit: ReadUnit, world: str, manifest: Manifest, place: Place) -> None:
    head = await eventlog.get_head(unit, world)
    if head.epoch != manifest.head.epoch or head.position < manifest.head.position:
        raise rewritten()
    if place != BEGINNING:
        page = await eventlog.stored_page(unit, world, place.position - 1, 1)
        if not page or page[0][4] != place.digest:
            raise rewritten()


def _line(logged: Logged, private: str, names: Names) -> EventLine:
    """Return the line of an event, given also its private values as the database writes them."""
    plain = is_exact(private)
    kept: dict[str, Any] = {
        key: held if plain else exact(held) for key, held in logged.private.items() if not names.hides(held)
    }
    return EventLine(event=logged.position, digest=logged.digest.hex(), body=logged.body.decode(), private=kept)
