"""Bodies about worlds."""

from typing import Literal

from pydantic import ConfigDict, Field

from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp
from reality_engine.worlds.service import WorldView


class CreateWorldRequest(RequestBody):
    """A new world from a stored pack version."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"pack": "harbor", "version": "1.0.0", "title": "Tuesday evenings"}]}
    )

    pack: str = Field(max_length=200, description="The pack's name")
    version: str | None = Field(None, max_length=100, description="Its version; the newest one if left out")
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=10_000)
    public: bool = Field(default=False, description="Whether those who are not members may look")
    joining: Literal["closed", "open"] = Field("closed", description="Whether anybody may join")


class ConfigureRequest(RequestBody):
    """Settings to change; what is left out stays."""

    title: str | None = Field(None, min_length=1, max_length=200)
    description: str | None = Field(None, max_length=10_000)
    public: bool | None = None
    joining: Literal["closed", "open"] | None = None
    upgrades: Literal["pinned", "follow"] | None = Field(
        None, description="`follow`: goes to newer versions of its pack by itself, where nothing stands in the way"
    )


class ForkRequest(RequestBody):
    """A world to be made of what this one was at a moment."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"as_of": "2026-05-01T18:00:00Z", "title": "What if", "members": False}]}
    )

    title: str = Field(min_length=1, max_length=200)
    as_of: str | None = Field(
        None, max_length=4_096, description="A timestamp with its zone, or `meta.cursor` of an answer; now if left out"
    )
    members: bool = Field(default=False, description="Whether those who were members then, and are now, come along")


class PackReference(ResponseBody):
    """The pack version that a world runs."""

    name: str
    version: str
    digest: str


class WorldResponse(ResponseBody):
    """A world as you may see it."""

    id: str
    title: str
    description: str
    public: bool
    joining: Literal["closed", "open"]
    upgrades: Literal["pinned", "follow"]
    pack: PackReference
    created_at: Timestamp
    roles: list[str] = Field(description="The roles that you have in it; none if you are not a member")
    forked_from: str | None = Field(None, description="The world that it is a fork of, if you may see that one")

    @classmethod
    def of(cls, view: WorldView) -> "WorldResponse":
        """Show a world."""
        about = view.pack
        return cls(
            id=view.world.id, title=view.title, description=view.description, public=view.public,
            joining="open" if view.joining == "open" else "closed",
            upgrades="follow" if view.upgrades == "follow" else "pinned",
            pack=PackReference(name=about.name, version=about.version, digest=about.digest),
            created_at=view.world.created_at, roles=list(view.roles), forked_from=view.forked_from,
        )  # fmt: skip
