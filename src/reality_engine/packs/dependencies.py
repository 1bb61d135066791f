"""The cache of compiled packs as an `Annotated` type for the parameters of routes; not a pack."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.packs.cache import PackCache


async def _packs(connection: HTTPConnection) -> PackCache:
    """Return what the composition root stored at `app.state.packs`."""
    packs: PackCache = connection.app.state.packs
    return packs


PackCacheDep = Annotated[PackCache, Depends(_packs)]
