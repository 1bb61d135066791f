"""Looking with another member's eyes: the token that allows it, and what it opens; not the action that is logged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.errors import DeniedError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.visibility.entities import get_entity
from reality_engine.visibility.resolver import scope_of
from reality_engine.visibility.viewer import Viewer
from reality_engine.web.seals import BrokenSealError, Seals

HEADER: Final = "X-View-As"
LIFETIME: Final = timedelta(minutes=15)
_ASK_AGAIN: Final = "POST …/members/{member}/view-as gives another"


class BadViewAsError(DeniedError):
    """The token does not let this caller look with anybody's eyes in this world."""

    code = "bad_view_as"


class ViewAsExpiredError(DeniedError):
    """The token was good, and is over."""

    code = "view_as_expired"


class ViewAsReadsOnlyError(DeniedError):
    """Somebody would act while they look with another's eyes."""

    code = "view_as_reads_only"


VIEWING: Final = (BadViewAsError, ViewAsExpiredError)


@dataclass(frozen=True, slots=True)
class ViewAs:
    """Makes and reads the tokens, each of one member who looks, one world, and one member through whose eyes."""

    seals: Seals

    def token(self, looker: str, world: str, member: str, begun: datetime) -> tuple[str, datetime]:
        """Return a token, and when it ends, counted from when the looking was logged."""
        until = begun + LIFETIME
        return self.seals.seal({"member": member, "until": to_text(until)}, looker, world), until

    def member(self, token: str, looker: str, world: str, now: datetime) -> str:
        """Return through whose eyes a token lets one look; raises BadViewAsError or ViewAsExpiredError."""
        try:
            told = self.seals.open(token, looker, world)
        except BrokenSealError as error:
            raise BadViewAsError("this token is not yours, or not of this world", HEADER, _ASK_AGAIN) from error
        if not isinstance(told, dict) or from_text(str(told["until"])) <= now:
            raise ViewAsExpiredError("looking with these eyes is over", field=HEADER, hint=_ASK_AGAIN)
        return str(told["member"])


async def eyes_of(unit: ReadUnit, looker: Viewer, member: str) -> Viewer:
    """Return the world as another member sees it now; raises BadViewAsError.

    Whoever looks must see everything at this moment themselves, and the other be a member.
    """
    if not looker.scope.everything:
        raise BadViewAsError("you do not see everything in this world", field=HEADER)
    try:
        seen = await get_entity(unit, looker, member)
    except NotFoundError as error:
        raise BadViewAsError("there is no such member", field=HEADER) from error
    user = str(seen.fields.get("user", ""))
    if seen.kind != "member" or seen.deleted:
        raise BadViewAsError("they are no member of this world any more", field=HEADER)
    account = await accounts.find_user(unit, user) if is_id(user) else None
    principal = account.principal() if account else Principal(PrincipalKind.PERSON, user)
    scope = await scope_of(unit, looker.world, looker.pack, principal)
    return Viewer(looker.world, looker.pack, scope, principal)
