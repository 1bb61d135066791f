"""The real application over a real database, in this process, with the people of a proof; not what they do there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from fastapi import FastAPI
from pydantic import SecretStr

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.user import ServerRole, User
from reality_engine.actions.service import Actions
from reality_engine.app.api import create_app
from reality_engine.app.proving.asgi import Answer, send
from reality_engine.app.proving.fate import Fate
from reality_engine.app.proving.people import START, Person, people_of
from reality_engine.app.settings import Settings
from reality_engine.bots import repository as bots
from reality_engine.bots.bot import Bot, Key, Quota
from reality_engine.bots.key_text import new_text
from reality_engine.db.unit import Units
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.grant import Grant
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.packs import service as packs
from reality_engine.packs.compiled import CompiledPack

_A_DAY: Final = 1_440
_LONG: Final = timedelta(days=3650)


@dataclass
class House:
    """One application, in which the worlds of many packs are made one after the other, all at the same hour."""

    app: FastAPI
    clock: FixedClock
    fate: Fate
    actions: Actions
    _known: set[str] = field(default_factory=set)
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def units(self) -> Units:
        """Opens transactions."""
        return self.actions.units

    async def admit(self, files: Mapping[str, str]) -> tuple[CompiledPack, dict[str, Person]]:
        """Store a pack and make its people; raises PackError."""
        pack = await packs.check(files, self.actions.packs)
        people = people_of(pack)
        async with self.units.write() as unit:
            await packs.store(unit, pack, files, START)
            for person in people.values():
                if person.principal.id and person.name not in self._known:
                    await self._move_in(unit, person)
            await unit.commit()
        self._known.update(people)
        return pack, people

    async def _move_in(self, unit: Any, person: Person) -> None:
        if person.principal.kind is PrincipalKind.BOT:
            await self._plug_in(unit, person)
            return
        key, name = person.principal.id, person.principal.name
        user = User(key, f"{key}@example.org", name, ServerRole.USER, START)
        if await accounts.add_user(unit, user, ""):
            await accounts.add_session(unit, person.token_id, key, START, START + _LONG)
        tokens = self.app.state.accounts.tokens
        self._tokens[person.name] = f"Bearer {await tokens.sign(key, person.token_id, START)}"

    async def _plug_in(self, unit: Any, person: Person) -> None:
        bot, text = Bot(person.principal.id, person.owner_id, person.principal.name, START), new_text()
        owner = User(bot.owner, f"{bot.owner}@example.org", f"Owner of {bot.name}", ServerRole.USER, START)
        new = await accounts.add_user(unit, owner, "")
        if new:
            await bots.add_bot(unit, bot)
        # Of a key that was made before, nobody knows the text any more.
        key = Key(person.token_id if new else fresh_id(START), bot.id, "proof", text.hint, Grant(), Quota(), START)
        await bots.add_key(unit, key, text)
        self._tokens[person.name] = f"Bearer {text.text}"

    def begin(self, seed: str, salt: int) -> None:
        """Start over: the same hour, and the chance of this seed."""
        self.clock.moment = START
        self.fate.seed, self.fate.salt, self.fate.step = seed, salt, 0

    def turn(self, step: int) -> None:
        """Let the time of a step come, the same one in both worlds."""
        self.clock.moment = START + timedelta(seconds=step)
        self.fate.step = step

    async def send(
        self, person: Person, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str],
        body: Plain = None,
    ) -> Answer:  # fmt: skip
        """Send a request as somebody."""
        token = self._tokens.get(person.name)
        whole = {**headers, "authorization": token} if token else dict(headers)
        return await send(self.app, method, path, query, whole, body)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[House]:
    """Open a migrated database."""
    settings = Settings(
        _env_file=None, database_url=url, secret_key=SecretStr(new_token(48)), access_token_minutes=_A_DAY, docs=True,
        # What is left of a limit is told to whoever has it, and is another after each request.
        log_level="warning", rate_limits=False,
    )  # fmt: skip
    clock, fate = FixedClock(START), Fate("")
    app = create_app(settings, clock)
    app.state.actions = replace(app.state.actions, chance=fate)
    async with app.router.lifespan_context(app):
        yield House(app, clock, fate, app.state.actions)
