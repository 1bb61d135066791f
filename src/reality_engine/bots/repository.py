"""Every query on the tables of bots; not what they mean."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, literal, or_, select, update

from reality_engine.accounts import bans
from reality_engine.accounts import repository as accounts
from reality_engine.bots.bot import Bot, Key, Quota
from reality_engine.bots.key_text import NewText
from reality_engine.bots.models import BotKeyCountRow, BotKeyRow, BotRow
from reality_engine.db.types import Moment
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.grant import Grant


class Count(NamedTuple):
    """How often a key was used since a minute or a day began."""

    span: str
    began_at: datetime
    uses: int


class Found(NamedTuple):
    """A key by which a bot can come now, and how often it was used lately."""

    bot: Bot
    key: Key
    counts: tuple[Count, ...]


async def add_bot(unit: WriteUnit, bot: Bot) -> None:
    """Insert a bot."""
    unit.session.add(BotRow(id=bot.id, owner_id=bot.owner, name=bot.name, created_at=bot.created_at))
    await unit.session.flush()


async def find_bot(unit: ReadUnit, bot: str) -> Bot | None:
    """Return a bot that is not ended."""
    row = await unit.session.scalar(select(BotRow).where(BotRow.id == bot, BotRow.ended_at.is_(None)))
    return None if row is None else _bot(row)


async def hold_bot(unit: WriteUnit, bot: str) -> None:
    """Hold a bot until the transaction ends, so that of two changes at once one comes second."""
    await unit.session.execute(unit.dialect.locked(select(BotRow.id).where(BotRow.id == bot)))


async def list_bots(unit: ReadUnit, owner: str | None, limit: int | None, before: str | None = None) -> list[Bot]:
    """Return bots that are not ended, the newest first: of one owner, or of everybody."""
    query = select(BotRow).where(BotRow.ended_at.is_(None)).order_by(BotRow.id.desc()).limit(limit)
    if owner is not None:
        query = query.where(BotRow.owner_id == owner)
    if before is not None:
        query = query.where(BotRow.id < before)
    return [_bot(row) for row in await unit.session.scalars(query)]


async def count_bots(unit: ReadUnit, owner: str) -> int:
    """Return how many bots somebody has that are not ended."""
    query = select(func.count()).where(BotRow.owner_id == owner, BotRow.ended_at.is_(None))
    return int(await unit.session.scalar(query) or 0)


async def rename_bot(unit: WriteUnit, bot: str, name: str) -> None:
    """Set the name."""
    await unit.session.execute(update(BotRow).where(BotRow.id == bot).values(name=name))


async def end_bot(unit: WriteUnit, bot: str, moment: datetime) -> None:
    """End a bot and all of its keys."""
    await unit.session.execute(update(BotRow).where(BotRow.id == bot).values(ended_at=moment))
    query = update(BotKeyRow).where(BotKeyRow.bot_id == bot, BotKeyRow.revoked_at.is_(None))
    await unit.session.execute(query.values(revoked_at=moment))


async def end_bots_of(unit: WriteUnit, owner: str, moment: datetime) -> None:
    """End all bots of somebody, and leave nothing of what they were called; what names them stays apart."""
    now, theirs = literal(moment, Moment()), select(BotRow.id).where(BotRow.owner_id == owner)
    keys = update(BotKeyRow).where(BotKeyRow.bot_id.in_(theirs))
    await unit.session.execute(keys.values(label="", revoked_at=func.coalesce(BotKeyRow.revoked_at, now)))
    bots = update(BotRow).where(BotRow.owner_id == owner)
    await unit.session.execute(bots.values(name="", ended_at=func.coalesce(BotRow.ended_at, now)))


async def add_key(unit: WriteUnit, key: Key, text: NewText) -> None:
    """Insert a key, of whose text nothing is kept but a digest."""
    grant, quota = key.grant, key.quota
    unit.session.add(
        BotKeyRow(
            id=key.id, bot_id=key.bot, label=key.label, hint=key.hint, digest=text.digest,
            worlds=None if grant.worlds is None else sorted(grant.worlds),
            actions=None if grant.actions is None else sorted(grant.actions),
            reads_only=grant.reads_only, proposals_only=grant.proposals_only, per_minute=quota.per_minute,
            per_day=quota.per_day, created_at=key.created_at, expires_at=key.expires_at, replaces=key.replaces,
        )
    )  # fmt: skip
    await unit.session.flush()


async def get_key(unit: ReadUnit, key: str, bot: str | None = None) -> Key:
    """Return a key, revoked or not, of one bot or whichever; raises NotFoundError."""
    row = await unit.session.scalar(select(BotKeyRow).where(BotKeyRow.id == key))
    if row is None or bot not in (None, row.bot_id):
        raise NotFoundError("there is no such key")
    return _key(row)


async def list_keys(unit: ReadUnit, bot: str, limit: int | None, before: str | None = None) -> list[Key]:
    """Return the keys of a bot, revoked or not, the newest first."""
    query = select(BotKeyRow).where(BotKeyRow.bot_id == bot).order_by(BotKeyRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(BotKeyRow.id < before)
    return [_key(row) for row in await unit.session.scalars(query)]


async def count_standing_keys(unit: ReadUnit, bot: str, moment: datetime) -> int:
    """Return how many keys of a bot open anything."""
    expired = or_(BotKeyRow.expires_at.is_(None), BotKeyRow.expires_at > moment)
    query = select(func.count()).where(BotKeyRow.bot_id == bot, BotKeyRow.revoked_at.is_(None), expired)
    return int(await unit.session.scalar(query) or 0)


async def revoke_key(unit: WriteUnit, key: str, moment: datetime) -> None:
    """End a key; the first end stands."""
    query = update(BotKeyRow).where(BotKeyRow.id == key, BotKeyRow.revoked_at.is_(None))
    await unit.session.execute(query.values(revoked_at=moment))


async def expire_key(unit: WriteUnit, key: str, moment: datetime) -> None:
    """Have a key end at a moment."""
    await unit.session.execute(update(BotKeyRow).where(BotKeyRow.id == key).values(expires_at=moment))


async def find_standing(unit: ReadUnit, digests: Collection[bytes]) -> dict[bytes, Found]:
    """Return those of the keys with these digests that are not revoked, and whose bots are not ended.

    Their owners live and are not banned. Whether keys have expired is for the clock at each use.
    """
    query = select(BotKeyRow, BotRow).join(BotRow, BotKeyRow.bot_id == BotRow.id)
    query = query.where(BotKeyRow.digest.in_(digests), BotKeyRow.revoked_at.is_(None), BotRow.ended_at.is_(None))
    rows = (await unit.session.execute(query)).all()
    owners = await _answering(unit, {bot.owner_id for _, bot in rows})
    counts = await _counts(unit, [key.id for key, _ in rows])
    return {
        key.digest: Found(_bot(bot), _key(key), tuple(counts.get(key.id, ())))
        for key, bot in rows
        if bot.owner_id in owners
    }


async def standing_keys(unit: ReadUnit, keys: Sequence[str], moment: datetime) -> Collection[str]:
    """Return those of the keys that open anything at a moment, as `find_standing` has it."""
    expired = or_(BotKeyRow.expires_at.is_(None), BotKeyRow.expires_at > moment)
    query = select(BotKeyRow.id, BotRow.owner_id).join(BotRow, BotKeyRow.bot_id == BotRow.id)
    query = query.where(BotKeyRow.id.in_(keys), BotKeyRow.revoked_at.is_(None), BotRow.ended_at.is_(None), expired)
    rows = (await unit.session.execute(query)).all()
    owners = await _answering(unit, {owner for _, owner in rows})
    return {key for key, owner in rows if owner in owners}


async def count_uses(unit: WriteUnit, key: str, count: Count) -> Count:
    """Add uses to those of the same minute or day, and return how many these are now; those of an earlier one go.

    What comes late, of a minute that is over, is not counted.
    """
    row, began = BotKeyCountRow, literal(count.began_at, Moment())
    fresh = {"key_id": key, "span": count.span, "began_at": count.began_at, "uses": 0}
    await unit.session.execute(unit.dialect.insert_or_ignore(row).values(**fresh))
    added = case((row.began_at == began, row.uses + count.uses), (row.began_at > began, row.uses), else_=count.uses)
    query = update(row).where(row.key_id == key, row.span == count.span)
    query = query.values(uses=added, began_at=case((row.began_at > began, row.began_at), else_=began))
    found = (await unit.session.execute(query.returning(row.began_at, row.uses))).one()
    return Count(count.span, *found)


async def note_use(unit: WriteUnit, key: str, moment: datetime, coarsely: timedelta) -> None:
    """Note when a key was used, unless what is noted is hardly older."""
    noted = BotKeyRow.last_used_at
    query = update(BotKeyRow).where(BotKeyRow.id == key, or_(noted.is_(None), noted <= moment - coarsely))
    await unit.session.execute(query.values(last_used_at=moment))


async def _answering(unit: ReadUnit, owners: Collection[str]) -> set[str]:
    """Return those of the owners who can answer for their bots: they live, and are not banned."""
    living = {user.id for user in await accounts.list_users(unit, sorted(owners))}
    return living - (await bans.bans_of(unit, living)).keys()


async def _counts(unit: ReadUnit, keys: Sequence[str]) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {}
    if keys:
        query = select(BotKeyCountRow).where(unit.dialect.among(BotKeyCountRow.key_id, keys))
        for row in await unit.session.scalars(query):
            found.setdefault(row.key_id, []).append(Count(row.span, row.began_at, row.uses))
    return found


def _bot(row: BotRow) -> Bot:
    return Bot(row.id, row.owner_id, row.name, row.created_at)


def _key(row: BotKeyRow) -> Key:
    grant = Grant(_set(row.worlds), _set(row.actions), row.reads_only, row.proposals_only)
    return Key(
        row.id, row.bot_id, row.label, row.hint, grant, Quota(row.per_minute, row.per_day), row.created_at,
        row.expires_at, row.revoked_at, row.last_used_at, row.replaces,
    )  # fmt: skip


def _set(stored: list[str] | None) -> frozenset[str] | None:
    return None if stored is None else frozenset(stored)
