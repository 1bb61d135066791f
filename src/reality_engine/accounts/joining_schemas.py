"""What clients send to have an account, to show whose address it is, and to get another password; and what they get."""

from typing import Annotated, Any, Literal

from pydantic import Field

from reality_engine.accounts.inviting import MAX_DAYS, MAX_USES
from reality_engine.accounts.schemas import Email, Name
from reality_engine.accounts.strength import MAX_LENGTH, MIN_LENGTH
from reality_engine.accounts.user import ServerRole
from reality_engine.tickets.ticket import Ticket
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp

# Bounds are in the description, not the schema: a weak password has a code of its own.
NewPassword = Annotated[
    str,
    Field(
        description=f"{MIN_LENGTH} to {MAX_LENGTH} characters, not a common one, and nothing that is known of you",
        examples=["correct horse battery staple"],
        json_schema_extra={"format": "password"},
    ),
]
OldPassword = Annotated[
    str,
    Field(
        description="The present one",
        examples=["correct horse battery staple"],
        json_schema_extra={"format": "password"},
    ),
]
LinkToken = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="From the link in a letter, after `token=`",
        examples=["the part after token="],
    ),
]


class RegisterRequest(RequestBody):
    """A new account."""

    email: Email
    name: Name
    password: NewPassword
    invite: str | None = Field(
        None, min_length=1, max_length=200, description="The token of an invite, where this server wants one"
    )


class LetterRequest(RequestBody):
    """An address to which a letter is to go."""

    email: Email


class ReaddressRequest(RequestBody):
    """Another address for one's own account, and the password as a proof."""

    email: Email
    password: OldPassword


class VerifyRequest(RequestBody):
    """The proof that an address is one's own."""

    token: LinkToken
    password: str = Field(
        "",
        description="The one that was given when registering, where the account begins by this",
        examples=["correct horse battery staple"],
        json_schema_extra={"format": "password"},
    )


class RekeyRequest(RequestBody):
    """Another password for one's own account, and the present one as a proof."""

    current_password: OldPassword
    password: NewPassword


class RecoverRequest(RequestBody):
    """Another password, and the proof that its letter arrived."""

    token: LinkToken
    password: NewPassword


class LetterResponse(ResponseBody):
    """What is said to everybody who asks for a letter, whether one is sent or not."""

    email: str
    status: Literal["a letter is on its way, if there is reason for one"] = (
        "a letter is on its way, if there is reason for one"
    )


class InviteRequest(RequestBody):
    """An invite to this server: for whoever has its link, or for one address."""

    email: Email | None = Field(None, description="Good for this address alone; the invite is sent there")
    uses: int = Field(1, ge=1, le=MAX_USES, description="How many people may use it; one, where there is an address")
    days: int = Field(14, ge=1, le=MAX_DAYS, description="For so long it is good")
    role: ServerRole = Field(ServerRole.USER, description="What who uses it becomes on this server")


class InviteResponse(ResponseBody):
    """An invite that is still good."""

    id: str
    email: str | None
    uses_left: int
    role: ServerRole
    created_by: str | None
    created_at: Timestamp
    expires_at: Timestamp

    @classmethod
    def of(cls, ticket: Ticket) -> "InviteResponse":
        """Show an invite, without what makes it work."""
        return cls(**_shown(ticket))


class NewInviteResponse(InviteResponse):
    """An invite that was just made, with what makes it work: shown this once."""

    token: str = Field(description="What is sent as `invite` when registering")
    link: str = Field(description="The page of this server on which it is used")

    @classmethod
    def made(cls, ticket: Ticket, token: str, link: str) -> "NewInviteResponse":
        """Show an invite with its token."""
        return cls(**_shown(ticket), token=token, link=link)


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "email": ticket.email,
        "uses_left": ticket.left,
        "role": str(ticket.content.get("role", ServerRole.USER.value)),
        "created_by": ticket.subject,
        "created_at": ticket.created_at,
        "expires_at": ticket.expires_at,
    }
