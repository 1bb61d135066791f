"""Proves who somebody is by their password, wherever they type it; not what they get for it."""

from reality_engine.accounts import repository
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.email import normal_email
from reality_engine.accounts.errors import BadCredentialsError, EmailUnverifiedError
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units


async def prove(address: str, password: str, units: Units, accounts: AccountContext) -> User:
    """Return who has this address and password; takes as long for an unknown address as for a known one.

    Where the hash was made otherwise than the settings say now, it is made anew.
    Raises BadCredentialsError and EmailUnverifiedError.
    """
    found = await _find(address, units)
    user, stored = found or (None, None)
    if not await accounts.passwords.check(password, stored) or user is None or stored is None:
        raise BadCredentialsError("the e-mail address or the password is wrong")
    if accounts.settings.verify_email and not user.verified:
        message = "that this e-mail address is yours is yet to be shown"
        raise EmailUnverifiedError(message, hint="open the link in the letter; another: POST /auth/email/verification")
    if accounts.passwords.outdated(stored):
        rehashed = await accounts.passwords.hash(password)
        async with units.write() as unit:
            await repository.set_password_hash(unit, user.id, rehashed)
            await unit.commit()
    return user


async def _find(address: str, units: Units) -> tuple[User, str] | None:
    try:
        email = normal_email(address)
    except ValueError:
        return None
    async with units.read() as unit:
        return await repository.find_user_with_hash(unit, email)
