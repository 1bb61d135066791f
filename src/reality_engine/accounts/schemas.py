"""What clients send about accounts, and get; not the rows."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from reality_engine.accounts.email import MAX_LENGTH as MAX_EMAIL_LENGTH
from reality_engine.accounts.email import normal_email
from reality_engine.accounts.granting import Granted
from reality_engine.accounts.session import Session
from reality_engine.accounts.user import ServerRole, User
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp
from reality_engine.web.envelope import Envelope

Email = Annotated[
    str,
    StringConstraints(max_length=MAX_EMAIL_LENGTH),
    AfterValidator(normal_email),
    Field(examples=["mira@example.org"]),
]
# No control characters: a name stands in log lines and narratives. Space around it, such as a line's end, is taken off.
_LETTER = r"[^\s\x00-\x1f\x7f]"
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=rf"^\s*{_LETTER}([^\x00-\x1f\x7f]*{_LETTER})?\s*$"),
    AfterValidator(str.strip),
    Field(examples=["Mira"]),
]


def _absent(value: object) -> bool:
    return value is None


class RefreshRequest(RequestBody):
    """A refresh token, which is used up by this."""

    refresh_token: str = Field(min_length=1, max_length=200, examples=["the one that came with the access token"])


class ProfileRequest(RequestBody):
    """What users may change about themselves."""

    name: Name


class UserResponse(ResponseBody):
    """An account, as its owner sees it."""

    id: str
    email: str | None = Field(description="None for who came by an identity provider that told none")
    name: str
    role: ServerRole
    created_at: Timestamp
    verified: bool = Field(description="Whether it was shown that the address is theirs")

    @classmethod
    def of(cls, user: User) -> "UserResponse":
        """Show a user."""
        return cls(
            id=user.id,
            email=user.email or None,
            name=user.name,
            role=user.role,
            created_at=user.created_at,
            verified=user.verified,
        )


class TokenResponse(ResponseBody):
    """What to send as `Authorization: Bearer …`, and how to go on after it has expired."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of token, not a token
    expires_in: int = Field(description="Seconds until the access token expires")
    refresh_token: str | None = Field(
        None, exclude_if=_absent, description="Good for one use; the answer to it has the next one"
    )
    scope: str | None = Field(None, exclude_if=_absent, description="What an application was granted")
    id_token: str | None = Field(
        None, exclude_if=_absent, description="Who logged in, for an application (OpenID Connect)"
    )


class TokenEnvelope(TokenResponse, Envelope[TokenResponse]):
    """The envelope, with its data also at the top, where OAuth2 clients look for it (RFC 6749, section 5.1)."""

    @classmethod
    def of(cls, granted: Granted, access_token: str, seconds: int) -> "TokenEnvelope":
        """Show what was granted."""
        data = TokenResponse(
            access_token=access_token, expires_in=seconds, refresh_token=granted.refresh_token, scope=granted.scope,
            id_token=granted.id_token,
        )  # fmt: skip
        return cls(data=data, **data.model_dump())


class SessionResponse(ResponseBody):
    """A log-in of one's own."""

    id: str
    current: bool = Field(description="Whether it is the one that asks")
    agent: str = Field(description="What the client called itself when it logged in", examples=["Mozilla/5.0 …"])
    network: str = Field(description="The network that it came from", examples=["203.0.113.7", "2001:db8:1:2::/64"])
    created_at: Timestamp
    last_used_at: Timestamp = Field(description="When its tokens were last renewed, or it began")
    expires_at: Timestamp = Field(description="When it ends unless its tokens are renewed")

    @classmethod
    def of(cls, session: Session, *, current: bool) -> "SessionResponse":
        """Show a session."""
        return cls(
            id=session.id, current=current, agent=session.agent, network=session.network,
            created_at=session.created_at, last_used_at=session.last_used_at, expires_at=session.expires_at,
        )  # fmt: skip
