"""Where the logs of worlds stand at this moment; not what is in them, and never shown."""

from collections.abc import Collection
from functools import partial
from typing import TypeAlias

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.reading.statement import Script
from reality_engine.db.reading.together import Together
from reality_engine.db.unit import Units
from reality_engine.visibility import statements
from reality_engine.visibility.page import Standing

# By world; nothing for a world that there is not.
Heads: TypeAlias = Together[str, Standing]


def heads_of(units: Units) -> Heads:
    """Return what tells where logs stand, for all worlds that are asked for at once by one statement."""

    async def read(worlds: set[str]) -> dict[str, Standing]:
        return await units.page(partial(_standings, units.dialect, sorted(worlds)))

    return Together(read)


def _standings(dialect: Dialect, worlds: Collection[str]) -> Script[dict[str, Standing]]:
    rows = yield statements.heads(dialect), {"among": dialect.listed(sorted(worlds))}
    return {world: Standing(*head) for world, *head in rows}
