"""What can be done with signing keys: begin with one, rotate, retire; not signing."""

from datetime import datetime, timedelta
from typing import Final

from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.errors import ConflictError, NotFoundError
from reality_engine.kernel.principal import SERVER
from reality_engine.signing import repository
from reality_engine.signing.key import StoredKey

# What a key has signed is accepted so long after another one has taken over: longer than any token of ours may live.
OVERLAP: Final = timedelta(hours=25)


async def begin(unit: WriteUnit, key: StoredKey, moment: datetime) -> None:
    """Have a key sign where none of its algorithm does; where one does already, that one stays."""
    if await repository.add_current(unit, key, moment):
        await note(unit, moment, SERVER, What.SIGNING_KEY_MADE, key.kid)


async def rotate(unit: WriteUnit, key: StoredKey, moment: datetime) -> None:
    """Have a key sign from now on; what the one before it signed is accepted for the overlap.

    Raises ConflictError where somebody else rotates at the same time.
    """
    await repository.forget_ended_before(unit, moment)
    await repository.end_current(unit, key.algorithm.value, moment + OVERLAP)
    if not await repository.add_current(unit, key, moment):
        raise ConflictError("another rotation has just happened", hint="look with: reality keys list")
    await note(unit, moment, SERVER, What.SIGNING_KEY_MADE, key.kid)


async def retire(unit: WriteUnit, kid: str, moment: datetime) -> None:
    """Accept nothing any more that a key signed; raises NotFoundError, and ConflictError for a key that signs."""
    row = await repository.find(unit, kid)
    if row is None:
        raise NotFoundError(f"there is no signing key {kid}", hint="look with: reality keys list")
    if row.current is not None:
        message = f"{kid} signs now, and without it nothing would"
        raise ConflictError(message, hint="first have another key sign: reality keys rotate")
    if row.accepted_until is None or row.accepted_until > moment:
        await repository.accept_until(unit, kid, moment)
        await note(unit, moment, SERVER, What.SIGNING_KEY_RETIRED, kid)
