"""What makes and opens tokens of invites, as an `Annotated` type for the parameters of routes."""

from typing import Annotated, NamedTuple

from fastapi import Depends
from starlette.requests import Request

from reality_engine.invites.links import InviteLinks
from reality_engine.mail.dependencies import MailDep
from reality_engine.mail.links import Links


async def _links(request: Request) -> InviteLinks:
    links: InviteLinks = request.app.state.invites
    return links


LinksDep = Annotated[InviteLinks, Depends(_links)]


class Opening(NamedTuple):
    """What tokens are opened by: those that were passed on, and those of letters."""

    links: InviteLinks
    letters: Links


async def _opening(links: LinksDep, mail: MailDep) -> Opening:
    return Opening(links, mail.links)


OpeningDep = Annotated[Opening, Depends(_opening)]
