"""Signing as an `Annotated` type for the parameters of routes."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.signing.signing import Signing


async def _signing(connection: HTTPConnection) -> Signing:
    """Return what the composition root stored."""
    signing: Signing = connection.app.state.signing
    return signing


SigningDep = Annotated[Signing, Depends(_signing)]
