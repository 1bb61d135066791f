"""Holds a world that was played over HTTP to its log; not how it was played, see `tests.playing`."""

from reality_engine.projection.verify import verify
from tests.playing import Playing


async def check(playing: Playing) -> None:
    """Raise IntegrityError unless the world's chain, state, past states and views are what its log makes of them."""
    state = playing.server.app.state
    async with state.context.units.read() as unit:
        await verify(unit, playing.world, state.packs)
