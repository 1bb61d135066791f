"""Makes a group durable that was decided, and finds out what came of a commit; not what to do where nothing did."""

from reality_engine.actions import repository
from reality_engine.actions.group import Group
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.unit import Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import UnavailableError


class NotCommittedError(HeadMovedError):
    """The connection was lost in a commit that did not happen."""


async def make_durable(units: Units, group: Group) -> None:
    """Return once what a group comes to may be told.

    Raises HeadMovedError where a world went on meanwhile, NotCommittedError, and what `Units.write_batch` does.
    """
    if not group.writes:
        await _confirm(units, group)
        return
    try:
        await units.write_batch(group.batch)
    except OutcomeUnknownError as unknown:
        await find_out(units, group, unknown)


async def find_out(units: Units, group: Group, unknown: OutcomeUnknownError) -> None:
    """Look what came of a commit; raises NotCommittedError where it did not happen, `unknown` where nobody can look."""
    try:
        happened = await _happened(units, group)
    except UnavailableError:
        raise unknown from None
    if not happened:
        raise NotCommittedError("the commit did not happen") from None


async def _confirm(units: Units, group: Group) -> None:
    """See whether the worlds are as they were decided by, where there is nothing to write that would tell."""
    if group.outlooks:
        async with units.read() as unit:
            for world, outlook in group.outlooks.items():
                if await eventlog.get_head(unit, world) != outlook.head:
                    raise HeadMovedError("the world went on while its members were told no")


async def _happened(units: Units, group: Group) -> bool:
    async with units.write() as unit:
        for world, outlook in sorted(group.outlooks.items()):
            # It waits for a commit that is still under way.
            await eventlog.lock_head(unit, world)
            if not await eventlog.is_in_log(unit, world, outlook.head):
                return False
        return (await unit.run(repository.kept_answers(unit.dialect, group.kept))).keys() >= group.kept.keys()
