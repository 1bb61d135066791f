"""Makes a fork for whoever runs the server; not the command."""

from typing import Final, NamedTuple

from reality_engine.accounts import repository as accounts
from reality_engine.app.bootstrap import Services
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.visibility.moments import FIELD, BadAsOfError
from reality_engine.worlds.forking import NewFork, fork, position_of

MAX_TITLE: Final = 200


class ForkAsked(NamedTuple):
    """What was asked for: of which world, and whose it is to be by their address."""

    world: str
    title: str
    owner: str
    as_of: str | None
    members: bool


async def fork_for(services: Services, asked: ForkAsked) -> str:
    """Make it, and return its id; raises NotFoundError and InvalidError."""
    now = services.clock.now()
    async with services.units.write() as unit:
        user = await accounts.find_user_by_email(unit, asked.owner)
        if user is None:
            hint = f"reality user create {asked.owner}"
            raise NotFoundError(f"there is no account with the address {asked.owner}", hint=hint)
        head = await eventlog.get_head(unit, asked.world)
        position = head.position
        if asked.as_of is not None:
            try:
                moment = from_text(asked.as_of)
            except (ValueError, OverflowError) as error:
                message = f"'{asked.as_of}' is not a moment"
                raise BadAsOfError(message, field=FIELD, hint="such as 2026-05-01T18:00:00Z") from error
            if moment > now:
                raise BadAsOfError("this moment is still to come", field=FIELD)
            position = await position_of(unit, asked.world, moment)
        if not 0 < len(asked.title) <= MAX_TITLE:
            raise InvalidError(f"a title has 1 to {MAX_TITLE} characters", field="title")
        new = NewFork(fresh_id(now), asked.title, asked.world, position, asked.members, frozenset())
        made = await fork(unit, new, user.principal(), services.packs, now)
        await unit.commit()
    return made.id
