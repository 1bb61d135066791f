"""What a token opens, whether whoever makes invites passed it on or a letter did; it changes nothing."""

from datetime import datetime

from reality_engine.accounts import repository as accounts
from reality_engine.db.unit import ReadUnit
from reality_engine.invites.addressed import emails_of
from reality_engine.invites.links import InviteLinks, no_invite
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.mail.links import LENGTH, Links
from reality_engine.tickets import repository as tickets
from reality_engine.tickets.ticket import Use


async def opened(unit: ReadUnit, token: str, links: InviteLinks, letters: Links, moment: datetime) -> tuple[str, str]:
    """Return the world and the invite; raises InviteOverError."""
    if len(token) != LENGTH:
        return links.open(token)
    key = letters.key(Use.WORLD_INVITE, token)
    ticket = None if key is None else await tickets.find(unit, key, Use.WORLD_INVITE, moment)
    if ticket is None:
        raise no_invite()
    return str(ticket.content["world"]), str(ticket.subject)


async def vouching(
    unit: ReadUnit, world: str, invite: str, principal: Principal, links: InviteLinks
) -> dict[str, Plain]:
    """Return what the rules are told of who accepts: the digest of their address, if that counts and is verified."""
    if not await emails_of(unit, [invite]):
        return {}
    user = await accounts.get_user(unit, principal.id)
    return {"address": links.digest(world, user.email)} if user.verified and user.email else {}
