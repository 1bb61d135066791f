"""The door for what Clerk tells by itself; what it means is decided in `clerk_sync`."""

from typing import Any, Final

from fastapi import APIRouter, Request

from reality_engine.accounts.access import PUBLIC
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.errors import MethodOffError
from reality_engine.identities import clerk_sync
from reality_engine.identities.clerk_news import news_of
from reality_engine.identities.deliveries import require_signed
from reality_engine.identities.dependencies import ClerkDep, EndAccountDep, IdentitiesDep
from reality_engine.identities.errors import BadSignatureError
from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.json import decode
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.responses import responses

router = APIRouter(prefix="/auth/clerk", tags=["identities"])

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "As Clerk's webhooks send it"}}},
    }
}


@router.post(
    "/webhooks",
    status_code=204,
    dependencies=[PUBLIC],
    openapi_extra=_BODY,
    responses=responses(MethodOffError, BadSignatureError),
)
async def take_news(
    request: Request,
    _clerk: ClerkDep,
    identities: IdentitiesDep,
    accounts: AccountsDep,
    units: UnitsDep,
    clock: ClockDep,
    end_account: EndAccountDep,
) -> None:
    """Follow a change of a user, an organization or a membership that Clerk tells of, signed by the Svix scheme."""
    settings = identities.settings.clerk
    if settings is None or settings.webhook_secret is None:
        raise MethodOffError("this server takes no news of Clerk")
    body, moment = await request.body(), clock.now()
    require_signed(settings.webhook_secret, request.headers, body, moment)
    try:
        told = news_of(decode(body))
    except ValueError as error:
        raise InvalidError("the news are not JSON") from error
    if told is None:
        return
    make = identities.settings.make_accounts
    async with units.write() as unit:
        followed = await clerk_sync.follow(unit, settings.issuer, told, moment, make=make)
        await unit.commit()
    if followed.changed is not None:
        accounts.standings.forget_user(followed.changed)
        identities.forget_user(followed.changed)
    if followed.ends is not None:
        await end_account(followed.ends)
