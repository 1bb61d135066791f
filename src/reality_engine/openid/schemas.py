"""What clients send about applications, and get; not the rows."""

from typing import Annotated

from pydantic import Field

from reality_engine.accounts.schemas import Name
from reality_engine.openid.client import Client
from reality_engine.openid.clients import MAX_ADDRESSES, NewClient
from reality_engine.openid.repository import Consent
from reality_engine.openid.scopes import USUAL, Scope
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp

Addresses = Annotated[list[str], Field(max_length=MAX_ADDRESSES, examples=[["https://app.example.org/callback"]])]


class ClientRequest(RequestBody):
    """An application that people are to log in to with their account here."""

    name: Name
    redirects: Addresses = Field(
        min_length=1, description="Addresses that people may be sent back to, each to the character"
    )
    after_log_out: Addresses = Field(
        default_factory=list, description="Addresses that people may be sent to when they have logged out"
    )
    scopes: list[Scope] = Field(list(USUAL), max_length=len(Scope), description="What it may ask people for at most")
    public: bool = Field(
        default=False, description="Whether it could keep no secret, as in a browser or on people's devices"
    )
    trusted: bool = Field(default=False, description="Whether it is the operator's own, so that people are not asked")

    def new(self) -> NewClient:
        """Return what is to be added."""
        return NewClient(self.name, self.redirects, self.after_log_out, self.scopes, self.public, self.trusted)


class ClientResponse(ResponseBody):
    """An application."""

    id: str = Field(description="Its `client_id`")
    name: str
    redirects: list[str]
    after_log_out: list[str]
    scopes: list[Scope]
    public: bool
    trusted: bool
    created_at: Timestamp

    @classmethod
    def of(cls, client: Client) -> "ClientResponse":
        """Show an application."""
        return cls(
            id=client.id, name=client.name, redirects=list(client.redirects), after_log_out=list(client.after_log_out),
            scopes=list(client.scopes), public=client.public, trusted=client.trusted, created_at=client.created_at,
        )  # fmt: skip


class ClientSecretResponse(ResponseBody):
    """An application with its secret, which is shown here and never again; a public one has none."""

    client: ClientResponse
    client_secret: str | None


class ConsentResponse(ResponseBody):
    """What one allows an application."""

    client: str = Field(description="Its id")
    name: str
    scopes: list[Scope]
    given_at: Timestamp

    @classmethod
    def of(cls, consent: Consent) -> "ConsentResponse":
        """Show a consent."""
        client = consent.client
        return cls(client=client.id, name=client.name, scopes=list(consent.scopes), given_at=consent.given_at)
