"""What can be done with bots and keys: make, rename, end, revoke, rotate; not how a client asks for it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.bots import repository
from reality_engine.bots.bot import Bot, Key, Quota
from reality_engine.bots.errors import KeyOverError, TooManyBotsError
from reality_engine.bots.key_text import new_text
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.grant import Grant
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal

# Each costs a row or a few: bounds on what one account can have a server keep.
MAX_BOTS: Final = 50
MAX_KEYS: Final = 20
LONGEST_LIFE: Final = timedelta(days=3_653)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be; `expires_at` None for never."""

    label: str
    grant: Grant
    quota: Quota
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh key with its text, which is known only here and to the client."""

    key: Key
    text: str


async def get_bot(unit: ReadUnit, bot: str, principal: Principal) -> Bot:
    """Return a bot of a principal's own, or itself, or anybody's for administrators; raises NotFoundError."""
    found = await repository.find_bot(unit, bot)
    if found is None or not (principal.admin or principal.id in (found.owner, found.id)):
        raise NotFoundError("there is no such bot")
    return found


async def own_bot(unit: ReadUnit, bot: str, principal: Principal) -> Bot:
    """Return a bot of a principal's own, for which nobody else makes keys; raises NotFoundError."""
    found = await repository.find_bot(unit, bot)
    if found is None or found.owner != principal.id:
        raise NotFoundError("there is no such bot")
    return found


async def create_bot(unit: WriteUnit, owner: str, name: str, by: Principal, moment: datetime) -> Bot:
    """Make a bot; raises TooManyBotsError."""
    if await repository.count_bots(unit, owner) >= MAX_BOTS:
        raise TooManyBotsError(f"nobody may have more than {MAX_BOTS} bots", hint="end one that is of no use any more")
    bot = Bot(fresh_id(moment), owner, name, moment)
    await repository.add_bot(unit, bot)
    await note(unit, moment, by, What.BOT_MADE, bot.id, {"owner": owner})
    return bot


async def rename_bot(unit: WriteUnit, bot: Bot, name: str, by: Principal, moment: datetime) -> Bot:
    """Give a bot another name; what events already say of it stays."""
    await repository.rename_bot(unit, bot.id, name)
    await note(unit, moment, by, What.BOT_CHANGED, bot.id)
    return replace(bot, name=name)


async def end_bot(unit: WriteUnit, bot: Bot, by: Principal, moment: datetime) -> None:
    """End a bot with all of its keys; what it did stays, and so do its places in worlds."""
    await repository.end_bot(unit, bot.id, moment)
    await note(unit, moment, by, What.BOT_ENDED, bot.id)


async def mint_key(
    unit: WriteUnit, bot: Bot, new: NewKey, by: Principal, moment: datetime, replaces: str | None = None
) -> Minted:
    """Make a key of a bot; raises TooManyBotsError, and InvalidError where it would be over already."""
    await repository.hold_bot(unit, bot.id)
    if await repository.count_standing_keys(unit, bot.id, moment) >= MAX_KEYS:
        raise TooManyBotsError(
            f"a bot may have {MAX_KEYS} keys at a time", hint="revoke one that is of no use any more"
        )
    if new.expires_at is not None and not moment < new.expires_at <= moment + LONGEST_LIFE:
        hint = "leave it out for a key that does not expire"
        raise InvalidError("a key expires within the next ten years, or never", field="expires_at", hint=hint)
    text = new_text()
    key = Key(
        fresh_id(moment), bot.id, new.label, text.hint, new.grant, new.quota, moment, new.expires_at, replaces=replaces
    )
    await repository.add_key(unit, key, text)
    about = {"bot": bot.id} if replaces is None else {"bot": bot.id, "replaces": replaces}
    await note(unit, moment, by, What.BOT_KEY_MADE, key.id, about)
    return Minted(key, text.text)


async def revoke_key(unit: WriteUnit, key: Key, by: Principal, moment: datetime) -> None:
    """End a key at once; one that has ended stays so."""
    await repository.revoke_key(unit, key.id, moment)
    await note(unit, moment, by, What.BOT_KEY_REVOKED, key.id, {"bot": key.bot})


async def rotate_key(
    unit: WriteUnit, bot: Bot, key: Key, overlap: timedelta, by: Principal, moment: datetime
) -> Minted:
    """Make a key that is good for the same, for as long as the old one was; that one ends after the overlap.

    Raises KeyOverError where the old one opens nothing any more.
    """
    if not key.stands(moment):
        raise KeyOverError("this key is revoked or has expired", hint="make another one")
    end = moment + overlap
    if key.expires_at is None or end < key.expires_at:
        await repository.expire_key(unit, key.id, end)
    until = None if key.expires_at is None else moment + (key.expires_at - key.created_at)
    return await mint_key(unit, bot, NewKey(key.label, key.grant, key.quota, until), by, moment, key.id)
