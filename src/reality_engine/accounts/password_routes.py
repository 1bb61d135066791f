"""Other passwords over HTTP: by the present one, or by a letter; nothing is decided here."""

from typing import Final

from fastapi import APIRouter

from reality_engine.accounts import recovering, repository
from reality_engine.accounts.access import PERSON, PUBLIC
from reality_engine.accounts.dependencies import PASSWORDS, AccountsDep, CurrentPrincipal
from reality_engine.accounts.enrolling import EnrollingDep
from reality_engine.accounts.errors import (
    BadCredentialsError,
    BadLinkError,
    MethodOffError,
    TokenExpiredError,
    WeakPasswordError,
)
from reality_engine.accounts.joining_schemas import LetterRequest, LetterResponse, RecoverRequest, RekeyRequest
from reality_engine.accounts.proving import prove_again
from reality_engine.accounts.strength import require_strong
from reality_engine.kernel.errors import DeniedError, UnauthenticatedError
from reality_engine.mail.errors import MailOffError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(
    prefix="/auth/password", tags=["auth"], dependencies=[PASSWORDS], responses=responses(MethodOffError)
)

_SIGNED_IN: Final = (UnauthenticatedError, TokenExpiredError, DeniedError)


@router.post(
    "",
    status_code=204,
    dependencies=[PERSON],
    responses=responses(*_SIGNED_IN, BadCredentialsError, WeakPasswordError),
)
async def change_password(
    body: RekeyRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> None:
    """Change your password. Every other session of yours ends."""
    async with units.read() as unit:
        user = await repository.get_user(unit, principal.id)
        stored = await repository.get_password_hash(unit, principal.id)
    require_strong(body.password, user.email, user.name)
    if not await prove_again(principal.id, body.current_password, stored, accounts):
        raise BadCredentialsError("the password is wrong", field="current_password")
    hashed = await accounts.passwords.hash(body.password)
    async with units.write() as unit:
        await recovering.rekey(unit, user, hashed, clock.now(), principal.credential)
        unit.after_commit(lambda: accounts.standings.forget_user(user.id))
        await unit.commit()


@router.post("/forgot", status_code=202, dependencies=[PUBLIC], responses=responses(MailOffError))
async def forgot_password(body: LetterRequest, enrolling: EnrollingDep) -> Envelope[LetterResponse]:
    """Ask for a letter by which another password can be set; answered alike for every address."""
    await enrolling.forgot(body.email)
    return Envelope(data=LetterResponse(email=body.email))


@router.post("/reset", status_code=204, dependencies=[PUBLIC], responses=responses(BadLinkError, WeakPasswordError))
async def reset_password(body: RecoverRequest, enrolling: EnrollingDep) -> None:
    """Set another password by the token of the letter. Every session of yours ends; log in anew."""
    await enrolling.recover(body.token, body.password)
