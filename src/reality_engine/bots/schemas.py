"""What clients send about bots and keys, and get; not the rows."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator

from reality_engine.accounts.schemas import Name
from reality_engine.bots.bot import Bot, Key, Quota
from reality_engine.bots.service import Minted, NewKey
from reality_engine.kernel.grant import Grant
from reality_engine.kernel.ids import is_id
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp

# A key for more than this is one for all.
MAX_NAMED: Final = 100
_ACTION: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?$"
_WEEK: Final = 7 * 24 * 60


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("this is not the id of a world")
    return text


World = Annotated[str, AfterValidator(_id), Field(examples=["01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"])]
ActionName = Annotated[str, StringConstraints(max_length=200, pattern=_ACTION)]


class BotRequest(RequestBody):
    """What a bot is called."""

    name: Name


class KeyRequest(RequestBody):
    """A key, and what it is good for: without any limits, for all that the bot may do."""

    label: Name = Field(description="By which you will know it", examples=["the machine in the cellar"])
    worlds: list[World] | None = Field(
        None,
        min_length=1,
        max_length=MAX_NAMED,
        description="The only worlds that it is good in; for others it is none",
    )
    actions: list[ActionName] | None = Field(
        None,
        min_length=1,
        max_length=MAX_NAMED,
        description="The only actions that it is good for; `plan.*` is for all whose names begin so",
        examples=[["plan.*", "advance_plan"]],
    )
    reads_only: bool = Field(default=False, description="Whether it is good for looking alone")
    proposals_only: bool = Field(default=False, description="Whether each action by it waits for an approval")
    per_minute: int | None = Field(None, ge=1, le=1_000_000, description="Requests a minute, at most")
    per_day: int | None = Field(None, ge=1, le=1_000_000_000, description="Requests a day of UTC, at most")
    expires_at: AwareDatetime | None = Field(None, description="When it ends: within ten years, or never")

    @model_validator(mode="after")
    def _of_a_piece(self) -> Self:
        if self.reads_only and (self.actions is not None or self.proposals_only):
            raise ValueError("a key that only reads is good for no actions and no proposals")
        return self

    def to_key(self) -> NewKey:
        """Return what the key is to be."""
        worlds, actions = (None if one is None else frozenset(one) for one in (self.worlds, self.actions))
        grant = Grant(worlds, actions, self.reads_only, self.proposals_only)
        return NewKey(self.label, grant, Quota(self.per_minute, self.per_day), self.expires_at)


class RotateRequest(RequestBody):
    """How long the old key is to be good beside the new one."""

    overlap_minutes: int = Field(60, ge=0, le=_WEEK, description="0 ends the old key at once")

    @property
    def overlap(self) -> timedelta:
        """The time for which both are good."""
        return timedelta(minutes=self.overlap_minutes)


class BotResponse(ResponseBody):
    """A bot: a principal of its own, which somebody answers for."""

    id: str = Field(description="What makes it a member of a world, and by what events name it")
    owner: str = Field(description="The user who answers for it")
    name: str
    created_at: Timestamp

    @classmethod
    def of(cls, bot: Bot) -> "BotResponse":
        """Show a bot."""
        return cls(id=bot.id, owner=bot.owner, name=bot.name, created_at=bot.created_at)


class KeyResponse(ResponseBody):
    """A key, without its secret."""

    id: str = Field(description="What events say of the key that was used")
    label: str
    hint: str = Field(description="How the key begins", examples=["reality_4f1c09a2b7de"])
    worlds: list[str] | None
    actions: list[str] | None
    reads_only: bool
    proposals_only: bool
    per_minute: int | None
    per_day: int | None
    created_at: Timestamp
    expires_at: Timestamp | None
    revoked_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="To the minute or so")
    replaces: str | None = Field(description="The key that it was made to follow")

    @classmethod
    def of(cls, key: Key) -> "KeyResponse":
        """Show a key."""
        grant, quota = key.grant, key.quota
        return cls(
            id=key.id, label=key.label, hint=key.hint,
            worlds=None if grant.worlds is None else sorted(grant.worlds),
            actions=None if grant.actions is None else sorted(grant.actions),
            reads_only=grant.reads_only, proposals_only=grant.proposals_only, per_minute=quota.per_minute,
            per_day=quota.per_day, created_at=key.created_at, expires_at=key.expires_at,
            revoked_at=key.revoked_at, last_used_at=key.last_used_at, replaces=key.replaces,
        )  # fmt: skip


class MintedKeyResponse(KeyResponse):
    """A fresh key with its secret, which is never shown again."""

    key: str = Field(description="Send it as `Authorization: Bearer …`, and keep it well: it is shown this once")

    @classmethod
    def minted(cls, minted: Minted) -> "MintedKeyResponse":
        """Show a fresh key."""
        return cls(**KeyResponse.of(minted.key).model_dump(), key=minted.text)


class MyselfResponse(ResponseBody):
    """The bot that asks, and the key that it asks with."""

    bot: BotResponse
    key: KeyResponse
