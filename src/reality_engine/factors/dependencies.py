"""Second factors as an `Annotated` type for the parameters of routes."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.factors.factors import Factors


async def _factors(connection: HTTPConnection) -> Factors:
    """Return what the composition root stored."""
    factors: Factors = connection.app.state.factors
    return factors


FactorsDep = Annotated[Factors, Depends(_factors)]
