"""The context as `Annotated` types for the parameters of routes; not who acts, see `accounts.dependencies`."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.db.unit import Units
from reality_engine.kernel.clock import Clock
from reality_engine.web.context import Context
from reality_engine.web.cursors import Cursors

# Each is `async`, since FastAPI sends other functions through a thread.


async def context_of(connection: HTTPConnection) -> Context:
    """Return what the composition root stored."""
    context: Context = connection.app.state.context
    return context


ContextDep = Annotated[Context, Depends(context_of)]


async def _units(context: ContextDep) -> Units:
    return context.units


async def _clock(context: ContextDep) -> Clock:
    return context.clock


async def _cursors(context: ContextDep) -> Cursors:
    return context.cursors


UnitsDep = Annotated[Units, Depends(_units)]
ClockDep = Annotated[Clock, Depends(_clock)]
CursorsDep = Annotated[Cursors, Depends(_cursors)]
