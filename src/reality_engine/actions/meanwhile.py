"""What who acted on a stale view is told of what happened since they looked; not whether it was stale."""

from typing import Final

from reality_engine.actions.context import ActionContext
from reality_engine.actions.errors import StaleError
from reality_engine.actions.wish import Wish
from reality_engine.kernel.json import Plain
from reality_engine.reads.shown import shown_events
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.viewer import viewer_of

# The newest of it.
MAX_SINCE: Final = 50


async def meanwhile(
    context: ActionContext, world: str, wish: Wish, stale: StaleError
) -> tuple[dict[str, Plain], ...] | None:
    """Return what the principal of a wish sees of it, newest first; None where they named no point since when.

    Raises NotFoundError where they see nothing of the world any more.
    """
    if wish.since is None:
        return None
    async with context.units.read() as unit:
        viewer = await viewer_of(unit, world, wish.principal, context.viewers)
        newest = await feed_page(unit, viewer, MAX_SINCE, stale.position + 1)
    return tuple(shown_events([view for view in newest if view.position > wish.since], viewer))
