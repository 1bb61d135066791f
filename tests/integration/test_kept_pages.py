"""What was read for somebody is shown again while nothing happens in the world, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from reality_engine.reads.heads import heads_of
from reality_engine.reads.kept import KeptPages
from reality_engine.reads.thin import ThinReading
from reality_engine.web.thin import Asked
from tests.playing import NOWHERE, Playing, play
from tests.serving import serving


@dataclass
class Kept:
    """A world that is read through a thin route of our own, which shows what it keeps."""

    table: Playing
    thin: ThinReading

    async def ask(self, who: str, query: str = "limit=5", route: str = "get_feed") -> dict[str, Any]:
        """Return an answer; the route is one of `ThinReading`."""
        token = self.table.players[who]["Authorization"].removeprefix("Bearer ")
        state, now = self.table.server.app.state, self.table.server.clock.now()
        principal = await state.accounts.credentials.principal_of(state.context.units, token, now)
        (found,) = (one for one in self.thin.routes() if one.name == route)
        body = await found.answer(Asked({"world": self.table.world}, {}, query.encode(), None, principal))
        assert isinstance(body, bytes)
        answer: dict[str, Any] = orjson.loads(body)
        return answer

    def forge(self) -> None:
        """Have each page that is kept show one thing that was never read."""
        for sought in list(self.thin.pages._held):
            page = self.thin.pages.get(sought)
            assert page is not None
            self.thin.pages.keep(sought, replace(page, shown=b'["kept"]'))


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[Kept]:
    async with serving(database_url) as server:
        state = server.app.state
        heads = heads_of(state.context.units)
        yield Kept(await play(server), ThinReading(state.context, state.reading, heads, KeptPages(2**20)))


async def test_it_holds_for_who_asked_and_what_was_asked_until_something_happens(kept: Kept) -> None:
    read = await kept.ask("Mira")
    kept.forge()
    assert (await kept.ask("Mira"))["data"] == ["kept"]
    for asked in ({"who": "Pia"}, {"who": "Mira", "query": "limit=4"}, {"who": "Gia"}):
        assert "kept" not in (await kept.ask(**asked))["data"]
    assert "kept" not in (await kept.ask("Mira", "kind=faction", "list_entities"))["data"]
    # Nothing that Mira sees.
    await kept.table.do("Gia", "set_plot", target=await kept.table.id_of("faction", "The Crows"), input={"plot": "x"})
    assert (await kept.ask("Mira"))["data"] == read["data"]
    # A list that is filtered and sorted is kept as well.
    query = "kind=faction&filter=plan+%3E%3D+0&sort=name"
    listed = await kept.ask("Mira", query, "list_entities")
    kept.forge()
    assert listed["data"] != (await kept.ask("Mira", query, "list_entities"))["data"] == ["kept"]


async def test_cursors_are_never_the_same_which_would_tell_that_nothing_hidden_happened(kept: Kept) -> None:
    read = [(await kept.ask("Mira", "limit=1"))["meta"] for _ in range(3)]
    for name in ("next", "cursor"):
        assert len({meta[name] for meta in read}) == 3
    (second,) = (await kept.ask("Mira", f"limit=1&cursor={read[1]['next']}"))["data"]
    assert second == (await kept.ask("Mira", "limit=2"))["data"][1]
    heads, world = kept.thin.heads, kept.table.world
    before, nowhere, again = await asyncio.gather(*(heads.of(one) for one in (world, NOWHERE, NOWHERE)))
    await kept.table.character("Pia", "Bel")
    after = await heads.of(world)
    assert (nowhere, again) == (None, None)
    assert before is not None
    assert after is not None
    assert after.position > before.position
