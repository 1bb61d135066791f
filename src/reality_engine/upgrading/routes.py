"""Upgrades over HTTP: what one would come to, and having it happen; nothing is decided here but who may ask."""

from typing import Annotated

from fastapi import APIRouter, Depends

from reality_engine.accounts.access import WORLD
from reality_engine.actions.performing import acting_principal
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.granting import InsufficientScopeError, require_granted
from reality_engine.kernel.principal import Principal
from reality_engine.reads.dependencies import LookingDep, ReadingDep
from reality_engine.reads.view_as import VIEWING, ViewAsReadsOnlyError
from reality_engine.upgrading import service
from reality_engine.upgrading.problems import UpgradeRefusedError
from reality_engine.upgrading.schemas import UpgradeRequest, UpgradeResponse
from reality_engine.upgrading.service import Upgrading
from reality_engine.visibility.viewer import viewer_of
from reality_engine.web.bodies import PathId
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds/{world}", tags=["worlds"], dependencies=[WORLD])


@router.get("/upgrade", responses=responses(UnauthenticatedError, *VIEWING, DeniedError, NotFoundError))
async def show_upgrade(look: LookingDep, reading: ReadingDep) -> Envelope[UpgradeResponse]:
    """Say what it would come to, to take the world to the newest version of its pack; for who may have it happen."""
    async with look.open() as (unit, viewer):
        service.check_may_upgrade(viewer)
        pack = await service.wanted(unit, look.world, None, reading.packs)
        plan = await service.planned(unit, look.world, pack, reading.packs)
    return Envelope(data=UpgradeResponse.of(plan, done=False))


@router.post(
    "/upgrade",
    responses=responses(
        UnauthenticatedError, DeniedError, InsufficientScopeError, ViewAsReadsOnlyError, NotFoundError,
        UpgradeRefusedError
    ),
)  # fmt: skip
async def upgrade_world(
    world: PathId, body: UpgradeRequest, principal: Annotated[Principal, Depends(acting_principal)], units: UnitsDep,
    clock: ClockDep, reading: ReadingDep,
) -> Envelope[UpgradeResponse]:  # fmt: skip
    """Take the world to another version of its pack; for members who manage it and see everything in it.

    It happens whole or not at all, while actions in this world wait; `upgrade_refused` tells everything that stands in
    the way. With `plan`, nothing happens, and what would be refused is told under `refused`. Asking again is harmless.
    """
    async with units.read() as unit:
        viewer = await viewer_of(unit, world, principal, reading.viewers)
        require_granted(principal, service.ACTION, world, can_wait=False)
        service.check_may_upgrade(viewer)
        pack = await service.wanted(unit, world, body.version, reading.packs)
        plan = await service.planned(unit, world, pack, reading.packs) if body.plan else None
    if plan is None:
        plan = await service.upgrade(Upgrading(units, reading.packs), world, pack, principal, clock.now())
    return Envelope(data=UpgradeResponse.of(plan, done=not body.plan))
