"""What routes of bots need, as `Annotated` types for their parameters."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.bots.context import BotContext


async def bots_of(connection: HTTPConnection) -> BotContext:
    """Return what the composition root stored."""
    bots: BotContext = connection.app.state.bots
    return bots


BotsDep = Annotated[BotContext, Depends(bots_of)]
