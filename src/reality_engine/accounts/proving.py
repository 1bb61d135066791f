"""Proves who somebody is by their password, wherever they type it; not what they get for it."""

from dataclasses import dataclass

from reality_engine.accounts import repository
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.email import normal_email
from reality_engine.accounts.errors import BadCredentialsError, EmailUnverifiedError, MethodOffError
from reality_engine.accounts.user import User
from reality_engine.db.unit import Units


async def prove(address: str, password: str, units: Units, accounts: AccountContext, network: str) -> User:
    """Return who has this address and password; takes as long for an unknown address as for a known one.

    Where the hash was made otherwise than the settings say now, it is made anew. `network` is where it is typed.
    Raises BadCredentialsError, EmailUnverifiedError, MethodOffError where nobody comes in by a password, and
    TooManyRequestsError where too many attempts have failed.
    """
    if not accounts.settings.passwords:
        raise MethodOffError("this server lets nobody in by a password", hint="log in at its identity provider")
    email = _normal(address)
    found = await _find(email, network, units)
    attempt = accounts.throttle.begin(email, network, known=found is not None and found.known)
    user, stored = (None, None) if found is None else (found.user, found.stored)
    if not await accounts.passwords.check(password, stored) or user is None or stored is None:
        raise BadCredentialsError("the e-mail address or the password is wrong")
    accounts.throttle.succeeded(attempt)
    if accounts.settings.verify_email and not user.verified:
        message = "that this e-mail address is yours is yet to be shown"
        raise EmailUnverifiedError(message, hint="open the link in the letter; another: POST /auth/email/verification")
    if accounts.passwords.outdated(stored):
        rehashed = await accounts.passwords.hash(password)
        async with units.write() as unit:
            await repository.set_password_hash(unit, user.id, rehashed)
            await unit.commit()
    return user


async def prove_again(user: str, password: str, stored: str | None, accounts: AccountContext) -> bool:
    """Say whether it is the password of somebody who has a session, which may be a thief's.

    Raises TooManyRequestsError where too many attempts have failed.
    """
    attempt = accounts.throttle.begin(user, "", known=True)
    if not await accounts.passwords.check(password, stored):
        return False
    accounts.throttle.succeeded(attempt)
    return True


def _normal(address: str) -> str:
    """Return an address as it is stored; what is none belongs to nobody as it is."""
    try:
        return normal_email(address)
    except ValueError:
        return address


@dataclass(frozen=True, slots=True)
class _Found:
    """A user, their stored hash, and whether they have logged in from that network before."""

    user: User
    stored: str
    known: bool


async def _find(email: str, network: str, units: Units) -> _Found | None:
    async with units.read() as unit:
        found = await repository.find_user_with_hash(unit, email)
        return None if found is None else _Found(*found, await repository.has_come_from(unit, found[0].id, network))
