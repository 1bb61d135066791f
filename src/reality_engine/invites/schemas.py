"""Bodies about invites to worlds."""

from pydantic import AwareDatetime, Field, model_validator

from reality_engine.accounts.schemas import Email
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import Plain
from reality_engine.visibility.entities import EntityView
from reality_engine.web.bodies import RequestBody, ResponseBody, Written
from reality_engine.web.seals import MAX_LENGTH


class InviteRequest(RequestBody):
    """An invite to be made."""

    roles: list[str] | None = Field(
        None, max_length=50, description="What who accepts it becomes; by default the pack's default role"
    )
    uses: int = Field(1, ge=1, le=10_000, description="How many may come by it")
    expires_at: AwareDatetime | None = Field(
        None,
        description="When it ends; never if left out, but a link in a letter is good for 30 days",
        examples=["2027-05-01T18:00:00Z"],
    )
    email: Email | None = Field(None, description="For who has verified this address, and nobody else; gets a letter")

    @model_validator(mode="after")
    def _one_for_one(self) -> "InviteRequest":
        if self.email is not None and self.uses != 1:
            raise ValueError("an invite for an address is good for one")
        return self

    def to_input(self) -> dict[str, Plain]:
        """Return what the action is given, but for an address."""
        given: dict[str, Plain] = {"uses": self.uses}
        if self.roles is not None:
            given["roles"] = [*self.roles]
        if self.expires_at is not None:
            given["expires_at"] = to_text(self.expires_at)
        return given


class InviteResponse(ResponseBody):
    """An invite."""

    id: str = Field(description="The invite's entity; what DELETE takes")
    roles: list[str]
    uses: int = Field(description="How many may still come by it")
    expires_at: Written | None
    email: str | None = Field(description="Whom it is for; null for whoever has the token")

    @classmethod
    def of(cls, view: EntityView, email: str | None) -> "InviteResponse":
        """Show an invite."""
        return cls(
            id=view.id,
            roles=roles_of(view),
            uses=int(str(view.fields.get("uses", 0))),
            expires_at=_end(view),
            email=email,
        )


class TokenRequest(RequestBody):
    """What somebody was sent."""

    token: str = Field(min_length=1, max_length=MAX_LENGTH, examples=["AbPcoPv2d3bqN1oc…"])


class InviteTokenResponse(ResponseBody):
    """What lets others in: whoever has it may accept the invite."""

    invite: str
    token: str = Field(description="To be put into a link; this server keeps nothing of it", examples=["AbPcoPv2d3bq…"])


class PreviewResponse(ResponseBody):
    """What somebody is invited to."""

    world: str
    title: str
    description: str
    roles: list[str] = Field(description="What you become there")
    expires_at: Written | None


class AcceptedResponse(ResponseBody):
    """Where you are a member now."""

    world: str
    roles: list[str]


def roles_of(view: EntityView) -> list[str]:
    """Return the roles that an invite gives."""
    held = view.fields.get("roles")
    return [str(role) for role in held] if isinstance(held, list) else []


def preview_of(world: str, settings: EntityView, invite: EntityView) -> PreviewResponse:
    """Show what somebody is invited to."""
    told = settings.fields
    return PreviewResponse(
        world=world, title=str(told.get("title", "")), description=str(told.get("description", "")),
        roles=roles_of(invite), expires_at=_end(invite),
    )  # fmt: skip


def _end(view: EntityView) -> str | None:
    end = view.fields.get("expires_at")
    return None if end is None else str(end)
