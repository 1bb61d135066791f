"""Brings a world in from an archive, which nobody finds before all of it was found good; not the reading of lines.

Its events and all that is made of them are written page by page. It gets its head and its place in the directory in
one transaction at the end, together with the accounts and packs that it needs. Until then a row of `imports` says how
far it is, so that an interrupted import goes on, and one that failed is cleared away.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from reality_engine.archives import kept_aside, showing
from reality_engine.archives.errors import ArchiveError, OvertakenError, WorldTakenError
from reality_engine.archives.events import Chain, span, telling
from reality_engine.archives.lines import EventLine, Manifest, PackLine, UserLine
from reality_engine.archives.reading import MAX_PACKS, Numbered, Reading
from reality_engine.archives.showing import Imported, Options
from reality_engine.db.batch import Batch
from reality_engine.db.unit import Units
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import Logged
from reality_engine.kernel.clock import Clock, from_text
from reality_engine.kernel.errors import UnavailableError
from reality_engine.packs import repository as pack_versions
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.problems import PackError
from reality_engine.packs.stored import VersionTakenError
from reality_engine.projection.shadow import Shadow

if TYPE_CHECKING:
    from reality_engine.archives.kept_aside import Aside
    from reality_engine.packs.compiled import CompiledPack

# No clock is so wrong.
AHEAD: Final = timedelta(days=1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Importing:
    """What importing needs of the process."""

    units: Units
    clock: Clock
    packs: PackCache
    max_bytes: int | None = None


async def bring_in(
    context: Importing, pieces: AsyncIterable[bytes], options: Options, progress: Progress = lambda *_: None
) -> Imported:
    """Import a world from an archive given in pieces; where this fails nothing of it is left.

    Raises ArchiveError with the line of what is wrong, WorldTakenError, VersionTakenError where a pack of the same name
    and version has another content here, and OvertakenError. Where the database cannot be had (UnavailableError), and
    where it is interrupted, what was brought in waits for the next import of the same archive.
    """
    work = _Work(context, options)
    try:
        async for group in work.reading.groups(pieces):
            await work.take(group)
            progress(work.chain.place.position, work.manifest.head.position)
        return await work.finish()
    except (UnavailableError, OvertakenError, WorldTakenError):
        raise
    except Exception:
        if work.aside is not None:
            await kept_aside.clear(context.units, work.aside)
        raise


class _Work:
    """One import under way."""

    def __init__(self, context: Importing, options: Options) -> None:
        self.reading = Reading(context.max_bytes)
        self.aside: Aside | None = None
        self._context = context
        self._options = options
        self._compiled: dict[str, CompiledPack] = {}
        self._files: dict[str, Mapping[str, str]] = {}
        self._users: list[UserLine] = []
        self._manifest: Manifest | None = None
        self._cache = PackCache(MAX_PACKS)
        self._shadow: Shadow | None = None
        self.chain = Chain(self._compiled, context.clock.now() + AHEAD)

    @property
    def manifest(self) -> Manifest:
        """The first line, which was read."""
        if self._manifest is None:
            raise ArchiveError("the archive is empty")
        return self._manifest

    async def take(self, group: list[Numbered]) -> None:
        """Take lines in, and write the events that are among them."""
        lines: list[tuple[int, EventLine]] = []
        for number, line in group:
            if isinstance(line, Manifest):
                await self._begin(line)
            elif isinstance(line, PackLine):
                await self._add_pack(number, line)
            elif isinstance(line, UserLine):
                self._users.append(line)
            elif isinstance(line, EventLine):
                lines.append((number, line))
        if lines:
            await self._write(await asyncio.to_thread(self._followed, lines))

    async def finish(self) -> Imported:
        """Show the world, once all that its archive says of itself was found to be so."""
        head, chain = self.manifest.head, self.chain
        ends = (chain.place.position, chain.place.digest.hex(), chain.moment)
        if self.aside is None or ends != (head.position, head.digest, from_text(head.recorded_at)):
            raise ArchiveError("the log does not end as the manifest says", hint="the archive was altered")
        if head.pack != chain.pack:
            raise ArchiveError("the world does not run the pack that its last event names")
        files = {digest: (self._compiled[digest], held) for digest, held in self._files.items()}
        context = self._context
        arrived = showing.Arrived(self.aside, self.manifest, files, self._users)
        return await showing.show(context.units, context.packs, arrived, self._options, self._now())

    def _followed(self, lines: list[tuple[int, EventLine]]) -> list[tuple[int, Logged, Event]]:
        return [(number, *self.chain.follow(number, line)) for number, line in lines]

    async def _begin(self, manifest: Manifest) -> None:
        self._manifest = manifest
        wanted = kept_aside.Wanted(self.reading.archive, manifest.world.id, self._options.copy)
        self.aside = await kept_aside.begin(self._context.units, wanted, self._now())
        self._shadow = Shadow(self.aside.world, self.aside.world, self.aside.head(manifest), self._cache)

    async def _add_pack(self, number: int, line: PackLine) -> None:
        try:
            pack = await packs.check(line.files, self._context.packs)
            self._cache.put(pack)
        except PackError as error:
            first = error.problems[0]
            message = f"line {number}: the pack cannot be used: {first.message} ({first.field})"
            raise ArchiveError(message, hint=first.hint) from error
        async with self._context.units.read() as unit:
            known = await pack_versions.find_version(unit, pack.name, pack.version)
        if known is not None and known.digest != pack.digest:
            raise VersionTakenError(f"{pack.name} {pack.version} is stored here with another content", field="version")
        self._compiled[line.pack], self._files[line.pack] = pack, line.files

    async def _write(self, events: list[tuple[int, Logged, Event]]) -> None:
        """Write what is new of these events, and all that is made of them, by as many transactions as packs."""
        if self.aside is None or self._shadow is None:
            raise ArchiveError("line 1: an archive has its manifest first, and once")
        events = self.aside.new(events)
        while events:
            units, batch = self._context.units, Batch()
            with telling(span([number for number, _, _ in events])):
                async with units.read() as unit:
                    many = await self._shadow.together(unit, [event for _, _, event in events])
                    part, events = events[:many], events[many:]
                    await self._shadow.play(unit, batch, [event for _, _, event in part])
                await self.aside.write(units, batch, [(logged, event) for _, logged, event in part], self._now())
            self._shadow.moved_to(self.aside.head(self.manifest))

    def _now(self) -> datetime:
        return self._context.clock.now()
