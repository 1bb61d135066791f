"""Where the logs of worlds stand at this moment, asked for together; not what is in them, and never shown."""

import asyncio
from typing import Final, TypeAlias

from reality_engine.db.reading.statement import Script
from reality_engine.db.unit import Units
from reality_engine.visibility import statements
from reality_engine.visibility.page import Standing

_Read: TypeAlias = "asyncio.Task[dict[str, Standing]] | None"


class Heads:
    """One read at a time, about all worlds that were asked for while the last one was under way.

    So a read begins after whoever it answers has asked, and tells of every commit that was acknowledged before that.
    """

    def __init__(self, units: Units) -> None:
        """Read one database."""
        self._units: Final = units
        self._worlds: set[str] = set()
        self._next: _Read = None
        self._last: _Read = None

    async def of(self, world: str) -> Standing | None:
        """Return where the log of a world stands, None where there is no such world; raises UnavailableError."""
        self._worlds.add(world)
        if self._next is None:
            self._last = self._next = asyncio.create_task(self._read(self._last))
        # Others wait for the same answer, and must have it even if this one goes away.
        return (await asyncio.shield(self._next)).get(world)

    async def _read(self, last: _Read) -> dict[str, Standing]:
        if last is not None:
            await asyncio.wait((last,))
        worlds, self._worlds, self._next = sorted(self._worlds), set(), None
        return await self._units.page(lambda: self._script(worlds))

    def _script(self, worlds: list[str]) -> Script[dict[str, Standing]]:
        dialect = self._units.dialect
        rows = yield statements.heads(dialect), {"among": dialect.listed(worlds)}
        return {world: Standing(*head) for world, *head in rows}
