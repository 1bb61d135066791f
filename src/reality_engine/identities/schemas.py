"""What clients send about identities, and get; not the rows."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from reality_engine.identities.identity import Identity, Kind
from reality_engine.identities.news import Membership
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp

Verifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]
Challenge = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,200}$")]


class ExchangeRequest(RequestBody):
    """What a browser brought back from a log-in at a provider, and what its beginner alone knows (RFC 7636)."""

    code: Code = Field(examples=["u3VqkYw0cJ9mLr5ZtXeB2nHsPdGaFi71QoKyMxTvCzE"])
    code_verifier: Verifier = Field(examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"])
    otp: str | None = Field(
        None, max_length=50, description="A code of the second factor, for who has one", examples=["492039"]
    )


class LinkRequest(RequestBody):
    """An identity that was just proved: by the outcome of a log-in at a provider, or by a session token of Clerk."""

    code: Code | None = None
    code_verifier: Verifier | None = None
    clerk_token: Annotated[str, StringConstraints(min_length=1, max_length=8_192)] | None = None
    password: Annotated[str, StringConstraints(max_length=1_000)] | None = Field(
        None, description="One's own, for an account that has one: who comes in by the identity needs it no more"
    )

    @model_validator(mode="after")
    def _one_proof(self) -> "LinkRequest":
        by_code = self.code is not None and self.code_verifier is not None
        if by_code is (self.clerk_token is not None) or (self.code is None) is not (self.code_verifier is None):
            raise ValueError("send either code and code_verifier, or clerk_token")
        return self


class OidcResponse(ResponseBody):
    """A provider that one can log in at."""

    name: str = Field(description="What to write on the button")
    issuer: str
    login: str = Field(description="Where to send the browser, with `return_to` and `code_challenge` in the query")


class IdentityResponse(ResponseBody):
    """An identity that is linked to one's account."""

    id: str
    kind: Kind
    issuer: str
    subject: str = Field(description="What the provider calls you")
    linked_at: Timestamp

    @classmethod
    def of(cls, identity: Identity) -> "IdentityResponse":
        """Show a link."""
        return cls(
            id=identity.id, kind=identity.kind, issuer=identity.issuer, subject=identity.subject,
            linked_at=identity.linked_at,
        )  # fmt: skip


class OrganizationResponse(ResponseBody):
    """An organization at a provider that one belongs to."""

    id: str
    issuer: str
    name: str
    role: str

    @classmethod
    def of(cls, membership: Membership) -> "OrganizationResponse":
        """Show a membership."""
        return cls(id=membership.id, issuer=membership.issuer, name=membership.name, role=membership.role)
