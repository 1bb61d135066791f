"""Bodies about the members of a world."""

from typing import Self

from pydantic import Field, model_validator

from reality_engine.accounts.schemas import Email
from reality_engine.visibility.entities import EntityView
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp


class AddMemberRequest(RequestBody):
    """A user to be made a member, by the address of their account, or a bot by its id."""

    email: Email | None = None
    bot: str | None = Field(None, max_length=36, description="The id of a bot, which its owner knows")
    roles: list[str] | None = Field(None, max_length=50, description="By default the pack's default role")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.email is None) is (self.bot is None):
            raise ValueError("give either the `email` of a user or the id of a `bot`")
        return self


class RolesRequest(RequestBody):
    """The roles that a member is to have from now on."""

    roles: list[str] = Field(max_length=50, examples=[["player"]])


class ViewAsResponse(ResponseBody):
    """What lets you look with another member's eyes for a while; you alone can use it, and in this world alone."""

    member: str
    token: str = Field(description="Send it as X-View-As; it is good for reading alone", examples=["AbPcoPv2d3bqN1oc…"])
    expires_at: Timestamp


class MemberResponse(ResponseBody):
    """A member of a world."""

    id: str = Field(description="The member's entity; what PATCH and DELETE take")
    user: str
    name: str | None
    roles: list[str]

    @classmethod
    def of(cls, view: EntityView) -> "MemberResponse":
        """Show a member."""
        fields = view.fields
        roles = fields.get("roles")
        return cls(
            id=view.id,
            user=str(fields.get("user", "")),
            name=str(fields["name"]) if fields.get("name") is not None else None,
            roles=[str(role) for role in roles] if isinstance(roles, list) else [],
        )
