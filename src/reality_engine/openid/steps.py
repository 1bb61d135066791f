"""The steps that somebody goes through before an application has its answer: log in, agree; not the pages of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.ids import is_id
from reality_engine.openid import redirects, repository
from reality_engine.openid.errors import RefusedRequestError
from reality_engine.openid.logins import Login, Logins
from reality_engine.openid.requests import Addressed, AuthorizationRequest, addressed, parameters_of

# The parameter, not of any standard, by which a page of ours tells that somebody has logged in for this request.
PROOF = "login_proof"


class Step(Enum):
    """What comes next."""

    LOG_IN = auto()
    AGREE = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a request has come, and for whom."""

    step: Step
    login: Login | None


async def addressed_in(unit: ReadUnit, query: str) -> Addressed:
    """Return what a query asks for, and whom the answer goes to; raises InvalidError where that cannot be told."""
    parameters, repeated = parameters_of(query)
    named = parameters.get("client_id", "")
    client = await repository.find_client(unit, named) if is_id(named) else None
    return addressed(client, parameters, repeated)


async def standing_of(
    unit: ReadUnit, request: AuthorizationRequest, login: Login | None, *, proved: bool, moment: datetime
) -> Standing:
    """Say what comes next; raises RefusedRequestError where it would have to be shown and must not be."""
    silent = "none" in request.prompts
    if login is None or (must_log_in(request, login, moment) and not proved):
        if silent:
            raise RefusedRequestError("login_required", "nobody is logged in here, or not lately enough")
        return Standing(Step.LOG_IN, login)
    if await _must_agree(unit, request, login):
        if silent:
            raise RefusedRequestError("consent_required", "they have not yet allowed what is asked for")
        return Standing(Step.AGREE, login)
    return Standing(Step.DONE, login)


def must_log_in(request: AuthorizationRequest, login: Login, moment: datetime) -> bool:
    """Say whether the application wants somebody to log in although they are."""
    if request.prompts & {"login", "select_account"}:
        return True
    return request.max_age is not None and (moment - login.at).total_seconds() > request.max_age


async def _must_agree(unit: ReadUnit, request: AuthorizationRequest, login: Login) -> bool:
    client = request.client
    if "consent" in request.prompts:
        return True
    if not redirects.assured(request.redirect, public=client.public):
        return True  # any program on that machine could ask in the application's name (RFC 8252, section 8.6)
    if client.trusted:
        return False
    held = await repository.find_consent(unit, login.user.id, client.id)
    return not set(held) >= set(request.scopes)


def proof_in(query: str, logins: Logins, login: Login | None, moment: datetime) -> tuple[bool, str]:
    """Say whether somebody has logged in for a request, and return the request without the proof of it."""
    bare, mark, proof = query.rpartition(f"&{PROOF}=")
    if not mark:
        return False, query
    return login is not None and logins.is_proved(proof, login, bare, moment), bare
