"""What can be done with a second factor: begin, confirm, check, renew its codes, remove; no HTTP."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.factors import repository
from reality_engine.factors.codes import address_of, new_recovery_codes, new_secret, recovery_digest, step_of
from reality_engine.factors.errors import BadSecondFactorError, FactorExistsError
from reality_engine.factors.models import FactorRow
from reality_engine.kernel.errors import IntegrityError, NotFoundError, RealityError, TooManyRequestsError
from reality_engine.kernel.principal import Principal
from reality_engine.web.seals import BrokenSealError, Seals

ISSUER: Final = "Reality Engine"
# So many wrong codes in a row are typing mistakes; after each further one it takes twice as long until the next.
FREE_FAILURES: Final = 5
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
_DOUBLINGS: Final = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """What an authenticator is set up by: the secret itself, and the same as an address for a QR code."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a user has a second factor, since when, and how many recovery codes they have left."""

    confirmed_at: datetime | None
    recovery_codes: int


class Factors:
    """Stands at `app.state.factors`. Its secrets are sealed by a key out of the server's secret."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key."""
        self._seals = Seals(secret, "second factors")

    async def held(self, unit: ReadUnit, user: str) -> Held:
        """Return what a user has."""
        row = await repository.find(unit, user)
        confirmed = None if row is None else row.confirmed_at
        return Held(confirmed, await repository.count_codes(unit, user) if confirmed else 0)

    async def begin(self, unit: WriteUnit, user: str, name: str, moment: datetime) -> Begun:
        """Return a fresh secret in place of any that was not confirmed; raises FactorExistsError."""
        row = await repository.hold(unit, user)
        if row is not None and row.confirmed_at is not None:
            raise FactorExistsError("this account has a second factor", hint="remove that one first")
        secret = new_secret()
        await repository.forget(unit, user)
        if not await repository.add(unit, user, self._seals.seal(secret, user), moment):
            raise FactorExistsError("a second factor is being set up at this moment")
        return Begun(secret, address_of(secret, name, ISSUER))

    async def confirm(
        self, unit: WriteUnit, principal: Principal, typed: str, moment: datetime
    ) -> list[str] | RealityError:
        """Have the factor asked for from now on, and return recovery codes, or what is wrong; the caller commits."""
        row = await repository.hold(unit, principal.id)
        if row is None:
            return NotFoundError("there is no second factor to confirm", hint="begin with POST /auth/factor")
        if row.confirmed_at is not None:
            return FactorExistsError("this account has a second factor", hint="remove that one first")
        wrong = self._attempt(row, typed, moment)
        if wrong is not None:
            return wrong
        row.confirmed_at = moment
        await note(unit, moment, principal, What.FACTOR_ADDED, principal.id)
        return await self._fresh_codes(unit, principal.id)

    async def check(self, unit: WriteUnit, user: str, typed: str, moment: datetime) -> RealityError | None:
        """Return what is wrong with a code, of either kind; None where it is good, and used up. The caller commits.

        A recovery code is never waited for: whoever guesses cannot keep the owner from using one.
        """
        row = await repository.hold(unit, user)
        if row is None or row.confirmed_at is None:
            return None
        digest = recovery_digest(typed)
        if digest is not None:
            return None if await repository.use_code(unit, user, digest) else _wrong()
        return self._attempt(row, typed, moment)

    async def renew_codes(self, unit: WriteUnit, principal: Principal, moment: datetime) -> list[str]:
        """Return other recovery codes; those before are good for nothing. Raises NotFoundError."""
        row = await repository.hold(unit, principal.id)
        if row is None or row.confirmed_at is None:
            raise NotFoundError("this account has no second factor")
        await note(unit, moment, principal, What.FACTOR_ADDED, principal.id, {"recovery_codes": "renewed"})
        return await self._fresh_codes(unit, principal.id)

    async def remove(self, unit: WriteUnit, principal: Principal, user: str, moment: datetime) -> None:
        """Ask a user for no second factor any more; raises NotFoundError."""
        row = await repository.hold(unit, user)
        if row is None:
            raise NotFoundError("this account has no second factor")
        await repository.forget(unit, user)
        if row.confirmed_at is not None:
            await note(unit, moment, principal, What.FACTOR_REMOVED, user)

    async def _fresh_codes(self, unit: WriteUnit, user: str) -> list[str]:
        codes = new_recovery_codes()
        await repository.replace_codes(unit, user, [digest for code in codes if (digest := recovery_digest(code))])
        return codes

    def _attempt(self, row: FactorRow, typed: str, moment: datetime) -> RealityError | None:
        """Try a code by time, and write down what came of it; the row is held."""
        wait = _wait(row, moment)
        if wait > timedelta():
            seconds = int(wait.total_seconds()) + 1
            message = "there were too many wrong codes"
            return TooManyRequestsError(message, hint="wait, or use a recovery code", retry_after=seconds)
        step = step_of(self._secret(row), typed, moment, row.step)
        if step is None:
            row.failures, row.failed_at = row.failures + 1, moment
            return _wrong()
        row.step, row.failures, row.failed_at = step, 0, None
        return None

    def _secret(self, row: FactorRow) -> str:
        try:
            return str(self._seals.open(row.sealed, row.user_id))
        except BrokenSealError as error:
            message = "the second factor was sealed by another secret of this server"
            raise IntegrityError(
                message, hint="use a recovery code, or have it removed: reality factor remove"
            ) from error


def _wrong() -> BadSecondFactorError:
    return BadSecondFactorError("the code is wrong, is over or was used before", field="otp")


def _wait(row: FactorRow, moment: datetime) -> timedelta:
    """Return how long no code is taken yet."""
    over = row.failures - FREE_FAILURES
    if over < 0 or row.failed_at is None:
        return timedelta()
    wait: timedelta = FIRST_WAIT * int(2 ** min(over, _DOUBLINGS))
    return row.failed_at + min(wait, LONGEST_WAIT) - moment
