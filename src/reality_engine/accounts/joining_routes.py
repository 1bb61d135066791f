"""Registration and addresses over HTTP; nothing is decided here.

Where an account begins with a letter, everybody is answered alike, and the same is done for everybody, whether the
address is taken or not.
"""

from typing import Final

from fastapi import APIRouter, Response

from reality_engine.accounts import registering, repository
from reality_engine.accounts.access import PERSON, PUBLIC
from reality_engine.accounts.dependencies import PASSWORDS, AccountsDep, CurrentPrincipal
from reality_engine.accounts.enrolling import EnrollingDep
from reality_engine.accounts.errors import (
    BadCredentialsError,
    BadInviteError,
    BadLinkError,
    EmailTakenError,
    MethodOffError,
    RegistrationClosedError,
    TokenExpiredError,
    WeakPasswordError,
)
from reality_engine.accounts.joining_schemas import (
    LetterRequest,
    LetterResponse,
    ReaddressRequest,
    RegisterRequest,
    VerifyRequest,
)
from reality_engine.accounts.proving import prove_again
from reality_engine.accounts.schemas import UserResponse
from reality_engine.kernel.errors import DeniedError, UnauthenticatedError
from reality_engine.mail.dependencies import MailDep
from reality_engine.mail.errors import MailOffError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import Responses, responses

router = APIRouter(prefix="/auth", tags=["auth"])

_LETTER: Final[Responses] = {
    202: {"model": Envelope[LetterResponse], "description": "Asked for a letter, like everybody else"}
}


@router.post(
    "/register",
    status_code=201,
    response_model=Envelope[UserResponse],
    dependencies=[PUBLIC, PASSWORDS],
    responses=responses(EmailTakenError, WeakPasswordError, RegistrationClosedError, BadInviteError, MethodOffError)
    | _LETTER,
)
async def register(body: RegisterRequest, enrolling: EnrollingDep) -> Envelope[UserResponse] | Response:
    """Make an account.

    Where this server wants addresses verified, the answer is 202 for every address, and the account begins when the
    link in a letter is opened.
    """
    user = await enrolling.register(body.email, body.name, body.password, body.invite)
    return letter_asked(body.email) if user is None else Envelope(data=UserResponse.of(user))


@router.post(
    "/email/verification",
    status_code=202,
    dependencies=[PUBLIC],
    responses=responses(MailOffError),
)
async def ask_to_verify(
    body: LetterRequest, units: UnitsDep, clock: ClockDep, mail: MailDep
) -> Envelope[LetterResponse]:
    """Ask for another letter to show whose address it is; answered alike for every address."""
    mail.require()
    async with units.write() as unit:
        await registering.ask_to_verify(unit, body.email, clock.now())
        await unit.commit()
    return Envelope(data=LetterResponse(email=body.email))


@router.post(
    "/email/verify",
    dependencies=[PUBLIC],
    responses=responses(BadLinkError, BadCredentialsError, EmailTakenError, BadInviteError),
)
async def verify_email(body: VerifyRequest, enrolling: EnrollingDep) -> Envelope[UserResponse]:
    """Show that an address is yours, by the token of the letter that came there.

    A new account begins by it and by the password that was given when registering.
    """
    return Envelope(data=UserResponse.of(await enrolling.verify(body.token, body.password)))


@router.post(
    "/email",
    status_code=202,
    dependencies=[PERSON],
    responses=responses(UnauthenticatedError, TokenExpiredError, DeniedError, BadCredentialsError, MailOffError),
)
async def change_email(
    body: ReaddressRequest,
    principal: CurrentPrincipal,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    mail: MailDep,
) -> Envelope[LetterResponse]:
    """Ask for another address. It is yours once the link in the letter that goes there is opened."""
    mail.require()
    async with units.read() as unit:
        stored = await repository.get_password_hash(unit, principal.id)
    if not await prove_again(principal.id, body.password, stored, accounts):
        raise BadCredentialsError("the password is wrong", field="password")
    async with units.write() as unit:
        await registering.ask_to_change(unit, principal.id, body.email, clock.now())
        await unit.commit()
    return Envelope(data=LetterResponse(email=body.email))


def letter_asked(address: str) -> Response:
    """Return what everybody is told who asked for a letter."""
    body = Envelope(data=LetterResponse(email=address)).model_dump_json()
    return Response(body, 202, media_type="application/json")
