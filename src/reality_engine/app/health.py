"""Whether the process lives and whether it can serve, for whatever watches over it; not metrics."""

from typing import Literal

from fastapi import APIRouter

from reality_engine.db import revisions
from reality_engine.kernel.errors import UnavailableError
from reality_engine.web.bodies import ResponseBody
from reality_engine.web.dependencies import UnitsDep
from reality_engine.web.envelope import Envelope

router = APIRouter(tags=["health"])


class HealthResponse(ResponseBody):
    """All is well; whatever is not is an error."""

    status: Literal["ok"] = "ok"


@router.get("/livez")
async def live() -> Envelope[HealthResponse]:
    """Say that the process answers. It looks at nothing else, so that a database's trouble restarts nobody."""
    return Envelope(data=HealthResponse())


@router.get("/readyz")
async def ready(units: UnitsDep) -> Envelope[HealthResponse]:
    """Say that the database can be reached and has the tables of this version; 503 where not."""
    async with units.read() as unit:
        if not await revisions.ready(unit):
            message = "the database is not at the revision of this version"
            raise UnavailableError(message, hint="run: reality db upgrade")
    return Envelope(data=HealthResponse())
