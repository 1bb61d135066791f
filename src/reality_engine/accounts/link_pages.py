"""The pages that links in letters lead to, and those to register and to ask for a password; nothing is decided here.

To open a page does nothing yet: mail systems open links before people do.
"""

from typing import Final

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from reality_engine.accounts import recovering, registering
from reality_engine.accounts.dependencies import PASSWORDS
from reality_engine.accounts.enrolling import Enrolling, EnrollingDep
from reality_engine.accounts.errors import BadCredentialsError, BadLinkError
from reality_engine.accounts.schemas import Email, Name
from reality_engine.kernel.errors import ConflictError, InvalidError, RealityError
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Use
from reality_engine.web.page_routes import PageRoute
from reality_engine.web.pages import PagesDep

router = APIRouter(prefix="/account", route_class=PageRoute, include_in_schema=False)

_EMAIL: Final = TypeAdapter[str](Email)
_NAME: Final = TypeAdapter[str](Name)


@router.get("/verify")
async def verify_page(request: Request, pages: PagesDep, enrolling: EnrollingDep, token: str = "") -> Response:
    """Ask whether an address is theirs."""
    return await _verify_page(request, pages, enrolling, token)


@router.post("/verify")
async def verify_on_page(request: Request, pages: PagesDep, enrolling: EnrollingDep) -> Response:
    """Take the answer that it is."""
    fields = await pages.sent(request)
    token = fields.get("token", "")
    try:
        user = await enrolling.verify(token, fields.get("password", ""))
    except BadCredentialsError as error:
        return await _verify_page(request, pages, enrolling, token, error)
    message = f"{user.email} is the address of your account. You can log in with it now."
    return pages.page(request, "message.html", title="Thank you", message=message, onward=None)


@router.get("/recover", dependencies=[PASSWORDS])
async def recover_page(request: Request, pages: PagesDep, enrolling: EnrollingDep, token: str = "") -> Response:
    """Ask for another password."""
    return await _recover_page(request, pages, enrolling, token)


@router.post("/recover", dependencies=[PASSWORDS])
async def recover_on_page(request: Request, pages: PagesDep, enrolling: EnrollingDep) -> Response:
    """Set it."""
    fields = await pages.sent(request)
    token = fields.get("token", "")
    try:
        await enrolling.recover(token, fields.get("password", ""))
    except BadLinkError:
        raise
    except InvalidError as error:
        return await _recover_page(request, pages, enrolling, token, error)
    message = "Your password was set. Log in with it."
    return pages.page(request, "message.html", title="Done", message=message, onward=None)


@router.get("/forgot", dependencies=[PASSWORDS])
async def forgot_page(request: Request, pages: PagesDep) -> Response:
    """Ask for the address of an account."""
    return pages.page(request, "account/forgot.html", email="", problems=[])


@router.post("/forgot", dependencies=[PASSWORDS])
async def forgot_on_page(request: Request, pages: PagesDep, enrolling: EnrollingDep) -> Response:
    """Have a letter sent there, and say the same to everybody."""
    given = (await pages.sent(request)).get("email", "")
    try:
        await enrolling.forgot(_read(_EMAIL, given, "this is not an e-mail address"))
    except InvalidError as error:
        problems = [(error.message, error.hint)]
        return pages.page(request, "account/forgot.html", status=422, email=given, problems=problems)
    return pages.page(request, "message.html", title="Look into your mailbox", message=_LETTER, onward=None)


@router.get("/register", dependencies=[PASSWORDS])
async def register_page(request: Request, pages: PagesDep, enrolling: EnrollingDep, token: str = "") -> Response:
    """Ask who somebody wants to be."""
    now, links = enrolling.clock.now(), enrolling.mail.links
    async with enrolling.units.read() as unit:
        ticket = await tickets.find(unit, links.key(Use.INVITE, token) or _NOBODY, Use.INVITE, now)
        email = "" if ticket is None else ticket.email or ""
        await registering.invite_of(unit, links, enrolling.accounts.settings, token or None, email, now)
    return pages.page(request, "account/register.html", token=token, email=email, name="", problems=[])


@router.post("/register", dependencies=[PASSWORDS])
async def register_on_page(request: Request, pages: PagesDep, enrolling: EnrollingDep) -> Response:
    """Make the account, or have a letter sent by which it begins."""
    fields = await pages.sent(request)
    token = fields.get("invite", "")
    try:
        email = _read(_EMAIL, fields.get("email", ""), "this is not an e-mail address")
        name = _read(_NAME, fields.get("name", ""), "a name has 1 to 80 characters")
        user = await enrolling.register(email, name, fields.get("password", ""), token or None)
    except (InvalidError, ConflictError) as error:
        shown = {one: fields.get(one, "") for one in ("email", "name")}
        problems = [(error.message, error.hint)]
        return pages.page(request, "account/register.html", status=422, token=token, problems=problems, **shown)
    if user is None:
        return pages.page(request, "message.html", title="Look into your mailbox", message=_LETTER, onward=None)
    message = f"You have an account as {user.name}, and can log in as {user.email}."
    return pages.page(request, "message.html", title=f"Welcome, {user.name}", message=message, onward=None)


_LETTER: Final = "If there is reason for one, a letter is on its way to you. Open the link in it."
# No ticket has it.
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


async def _verify_page(
    request: Request, pages: PagesDep, enrolling: Enrolling, token: str, error: RealityError | None = None
) -> Response:
    async with enrolling.units.read() as unit:
        ticket = await registering.held_by(unit, enrolling.mail.links, token, enrolling.clock.now())
    if ticket is None:
        raise _gone()
    problems = [] if error is None else [(error.message, error.hint)]
    status, new, email = 200 if error is None else 422, ticket.use is Use.REGISTER, ticket.email
    template = "account/verify.html"
    return pages.page(request, template, status=status, token=token, email=email, new=new, problems=problems)


async def _recover_page(
    request: Request, pages: PagesDep, enrolling: Enrolling, token: str, error: RealityError | None = None
) -> Response:
    async with enrolling.units.read() as unit:
        user = await recovering.held_by(unit, enrolling.mail.links, token, enrolling.clock.now())
    problems = [] if error is None else [(error.message, error.hint)]
    status = 200 if error is None else 422
    return pages.page(request, "account/recover.html", status=status, token=token, email=user.email, problems=problems)


def _read(kind: TypeAdapter[str], given: str, wrong: str) -> str:
    try:
        return kind.validate_python(given)
    except ValidationError as error:
        raise InvalidError(wrong) from error


def _gone() -> BadLinkError:
    return BadLinkError("this link was used, is over, or is not whole", hint="ask for another letter")
