"""The whole application over one database, in this process, and a client that can log in; not a server on a port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
from fastapi import FastAPI

from reality_engine.accounts import service
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.user import ServerRole
from reality_engine.app.api import create_app
from reality_engine.app.settings import Settings
from reality_engine.kernel.clock import FixedClock

if TYPE_CHECKING:
    from reality_engine.db.unit import Units

PASSWORD = "correct horse battery"
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def settings_for(url: str, **chosen: Any) -> Settings:
    """Return settings for tests: hashing is quick, nothing is read from a file."""
    return Settings(
        _env_file=None,
        **{"database_url": url, "secret_key": SECRET, "bcrypt_rounds": 4, "rate_limits": False, **chosen},
    )


@dataclass
class Serving:
    """The application, a client of it, and the clock that it goes by."""

    app: FastAPI
    client: httpx2.AsyncClient
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    url: str = ""
    chosen: str = ""
    touched: bool = False

    async def user(self, name: str, *, admin: bool = False) -> dict[str, str]:
        """Make an account and return the headers of its requests."""
        self.touched = True
        units: Units = self.app.state.context.units
        email, role = f"{name.lower()}@example.org", ServerRole.ADMIN if admin else ServerRole.USER
        hashed = await self.app.state.accounts.passwords.hash(PASSWORD)
        async with units.write() as unit:
            await service.register(unit, NewUser(email, name, hashed, role, verified=True), self.clock.now())
            await unit.commit()
        return await self.login(name)

    async def login(self, name: str) -> dict[str, str]:
        """Log in to an account that was made here, and return the headers of its requests."""
        data = {"username": f"{name.lower()}@example.org", "password": PASSWORD}
        answer = await self.client.post("/api/v1/auth/token", data=data)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@asynccontextmanager
async def serving(url: str, **chosen: Any) -> AsyncIterator[Serving]:
    """Serve a database for as long as the block lasts."""
    clock = FixedClock(NOON)
    app = create_app(settings_for(url, **chosen), clock)
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        server = Serving(app, client, clock, url, repr(sorted(chosen.items())))

        async def touch(_request: httpx2.Request) -> None:
            server.touched = True

        client.event_hooks["request"].append(touch)
        yield server


def codes(answer: httpx2.Response) -> list[str]:
    """Return the codes of an answer's errors."""
    return [str(error["code"]) for error in answer.json()["errors"]]
