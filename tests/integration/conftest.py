"""What most tests over HTTP begin with: the application over one database, and a world of the quay pack."""

from collections.abc import AsyncIterator

import pytest

from tests.playing import Playing, play
from tests.serving import Serving, serving


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Serving]:
    async with serving(database_url) as server:
        yield server


@pytest.fixture
async def table(server: Serving) -> Playing:
    return await play(server)
