"""Finds or makes the accounts of those whom an archive names; not what of its world is given over to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.user import ServerRole, User
from reality_engine.archives.errors import ArchiveError
from reality_engine.archives.lines import UserLine
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id, is_id

# No password fits it: whoever runs the server gives one.
NO_PASSWORD: Final = ""
_AT_ONCE: Final = 500


@dataclass
class Settled:
    """What became of the people of an archive: how many have accounts, and who goes by another id here."""

    found: int = 0
    made: int = 0
    unknown: int = 0
    moved: dict[str, str] = field(default_factory=dict)


async def settle(unit: WriteUnit, users: Sequence[UserLine], now: datetime) -> Settled:
    """Give each an account: the one with their address, or a new one without a password, with the id of the archive.

    Where that id is somebody else's here, the new account has one of its own. Who stands under a pseudonym, or whose
    account was deleted here, stays without. Raises ArchiveError where two people would become one.
    """
    done = Settled()
    for at in range(0, len(users), _AT_ONCE):
        some = users[at : at + _AT_ONCE]
        ids = [one.user for one in some if is_id(one.user)]
        known = await accounts.known_as(unit, ids, [one.email for one in some if one.email])
        taken = {key: lives for key, _, lives in known}
        by_email = {email: (key, lives) for key, email, lives in known if email}
        for one in some:
            await _settle_one(unit, one, taken, by_email, done, now)
    staying = {one.user for one in users} - done.moved.keys()
    if not staying.isdisjoint(done.moved.values()):
        raise ArchiveError("two people of the archive would be one here: their addresses and their ids contradict")
    return done


async def _settle_one(
    unit: WriteUnit, one: UserLine, taken: Mapping[str, bool], by_email: Mapping[str, tuple[str, bool]], done: Settled,
    now: datetime,
) -> None:  # fmt: skip
    if one.email is None:
        done.unknown += 1
        return
    if one.email in by_email:
        key, lives = by_email[one.email]
        done.found += lives
        done.unknown += not lives
        if lives and key != one.user:
            done.moved[one.user] = key
        return
    if taken.get(one.user) is False:
        # Who was deleted or erased here does not come back by an older archive.
        done.unknown += 1
        return
    key = one.user if is_id(one.user) and one.user not in taken else fresh_id(now)
    name = one.name or one.email.partition("@")[0]
    await accounts.add_user(unit, User(key, one.email, name, ServerRole.USER, now), NO_PASSWORD)
    done.made += 1
    if key != one.user:
        done.moved[one.user] = key
