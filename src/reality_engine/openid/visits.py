"""Somebody who was sent here by an application, and how far they have come; not what they are shown."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from reality_engine.db.unit import ReadUnit
from reality_engine.openid import answers
from reality_engine.openid.context import OpenId
from reality_engine.openid.errors import RefusedRequestError
from reality_engine.openid.requests import AuthorizationRequest, whole
from reality_engine.openid.steps import Standing, addressed_in, proof_in, standing_of


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of an application as it stands: `query` is all of it, with the proof of a log-in where there is one."""

    query: str
    wanted: AuthorizationRequest
    standing: Standing


async def visit(request: Request, query: str, openid: OpenId, unit: ReadUnit, moment: datetime) -> Visit | Response:
    """Return how far somebody has come, or send them back where the application asks for what it cannot have.

    Raises InvalidError where there is nobody to send them back to.
    """
    login = await openid.logins.of(request, unit, moment)
    proved, bare = proof_in(query, openid.logins, login, moment)
    asked = await addressed_in(unit, bare)
    try:
        wanted = whole(asked)
        standing = await standing_of(unit, wanted, login, proved=proved, moment=moment)
    except RefusedRequestError as error:
        return answers.refused(asked.redirect, asked.state, openid.issuer, error)
    return Visit(query, wanted, standing)
