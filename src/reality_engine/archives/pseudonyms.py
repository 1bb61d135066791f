"""How the people of a world are named in an archive: by their accounts, or under pseudonyms; not who they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.user import User
from reality_engine.archives.lines import UserLine
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.ids import is_id
from reality_engine.projection.people import people_of

_AT_ONCE: Final = 500


class Naming(StrEnum):
    """By what the people of a world are named."""

    ACCOUNTS = "accounts"
    PSEUDONYMS = "pseudonyms"


@dataclass(frozen=True, slots=True)
class Names:
    """Whom the world names, with the accounts that they have, and what may not stand in the archive.

    Under pseudonyms those private values are left out, as if they were erased, that are the name or the address of an
    account or the name of a member. What somebody wrote of another in a longer text stays.
    """

    users: Sequence[str]
    accounts: Mapping[str, User]
    hidden: frozenset[str] = frozenset()

    def lines(self) -> Iterator[UserLine]:
        """Yield a line for each."""
        for number, user in enumerate(self.users, 1):
            account = self.accounts.get(user)
            # Who has no address could not be known again elsewhere.
            if account is None or not account.email:
                yield UserLine(user=user, pseudonym=f"person {number}")
            else:
                yield UserLine(user=user, email=account.email, name=account.name)

    def hides(self, held: Any) -> bool:
        """Say whether a private value, with its salt, is left out."""
        return bool(self.hidden) and isinstance(held[1], str) and _folded(held[1]) in self.hidden


async def naming_of(unit: ReadUnit, world: str, naming: Naming) -> Names:
    """Return how the people of a world are named."""
    people = await people_of(unit, world)
    users = sorted(people)
    known = [user for user in users if is_id(user)]
    found: dict[str, User] = {}
    for at in range(0, len(known), _AT_ONCE):
        found |= {user.id: user for user in await accounts.list_users(unit, known[at : at + _AT_ONCE])}
    if naming is Naming.ACCOUNTS:
        return Names(users, found)
    names = {name for held in people.values() for name in held}
    names |= {text for user in found.values() for text in (user.name, user.email)}
    return Names(users, {}, frozenset(_folded(name) for name in names if name.strip()))


def _folded(text: str) -> str:
    return text.strip().casefold()
