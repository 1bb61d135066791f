"""Logs somebody in by all that their account wants, wherever they type it: password and second factor; no session."""

from dataclasses import dataclass, field
from datetime import datetime

from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.proving import prove
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units
from reality_engine.factors.errors import SecondFactorRequiredError
from reality_engine.factors.factors import Factors


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed to log in; `otp` is a code of their authenticator, or one for its loss.

    `network` is where they typed it.
    """

    address: str
    password: str = field(repr=False)
    otp: str | None = field(default=None, repr=False)
    network: str = ""


async def log_in(typed: Typed, units: Units, accounts: AccountContext, factors: Factors, moment: datetime) -> User:
    """Return who it is; raises what `prove` raises, SecondFactorRequiredError, BadSecondFactorError and a wait.

    Whether an account has a second factor is told to nobody who has not its password.
    """
    user = await prove(typed.address, typed.password, units, accounts, typed.network)
    await require_second_factor(user.id, typed.otp, units, factors, moment)
    return user


async def require_second_factor(user: str, otp: str | None, units: Units, factors: Factors, moment: datetime) -> None:
    """Use up a code, where the account wants one at all; raises as `log_in` does."""
    async with units.read() as unit:
        held = await factors.held(unit, user)
    if held.confirmed_at is None:
        return
    if not otp:
        message = "this account wants a code beside the password"
        raise SecondFactorRequiredError(
            message, field="otp", hint="type the code that the authenticator shows, or a recovery code: otp"
        )
    async with units.write() as unit:
        wrong = await factors.check(unit, user, otp, moment)
        await unit.commit()
    if wrong is not None:
        raise wrong
