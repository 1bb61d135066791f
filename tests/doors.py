"""A server whose letters go into a folder, and what comes to its door: for tests of accounts; not what they hold."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from reality_engine.accounts.preparing import PREPARATIONS
from reality_engine.audit import repository as audit
from reality_engine.audit.repository import Sought
from reality_engine.db.unit import Units
from reality_engine.mail.relay import Relay
from tests.reading_letters import letters_in, token_in
from tests.serving import PASSWORD, Serving, serving

if TYPE_CHECKING:
    from reality_engine.mail.context import MailContext

MIRA = "mira@example.org"


@dataclass
class Door:
    """The server, and the folder; letters are sent when a test says so."""

    server: Serving
    folder: Path

    async def post(self, path: str, who: dict[str, str] | None = None, **body: Any) -> httpx2.Response:
        return await self.server.client.post(f"/api/v1{path}", json=body, headers=who or {})

    async def register(self, email: str = MIRA, **more: Any) -> httpx2.Response:
        return await self.post("/auth/register", **{"email": email, "name": "Mira", "password": PASSWORD, **more})

    async def verify(self, token: str, password: str = PASSWORD) -> httpx2.Response:
        return await self.post("/auth/email/verify", token=token, password=password)

    async def log_in(self, email: str = MIRA, password: str = PASSWORD) -> httpx2.Response:
        data = {"username": email, "password": password}
        return await self.server.client.post("/api/v1/auth/token", data=data)

    async def letters(self) -> list[tuple[str, str, str]]:
        """Send what is due, and return recipient, subject and text of each letter that came since the last time."""
        mail: MailContext = self.server.app.state.mail
        assert mail.delivery is not None
        await Relay(self.units, self.server.clock, mail.composer, mail.delivery, PREPARATIONS).send_due()
        return letters_in(self.folder)

    async def letter(self) -> str:
        """Return the token in the one letter that came."""
        ((_, _, told),) = await self.letters()
        return token_in(told)

    @property
    def units(self) -> Units:
        units: Units = self.server.app.state.context.units
        return units

    async def noted(self) -> list[str]:
        async with self.units.read() as unit:
            return [one.what for one in await audit.list_entries(unit, Sought(), 20)]


@asynccontextmanager
async def door(url: str, folder: Path, **chosen: Any) -> AsyncIterator[Door]:
    async with serving(url, mail_url=f"folder:{folder}", **chosen) as server:
        await server.app.state.relay.close()  # so that letters go when a test says so, and not in between
        yield Door(server, folder)
