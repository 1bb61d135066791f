"""What sends letters, as an `Annotated` type for the parameters of routes; not the sending."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from reality_engine.mail.context import MailContext


async def _mail(request: Request) -> MailContext:
    mail: MailContext = request.app.state.mail
    return mail


MailDep = Annotated[MailContext, Depends(_mail)]
