"""What clients get about archives; the archive itself is described in docs/archives.md."""

from typing import Any, Final

from pydantic import Field

from reality_engine.archives.showing import Imported
from reality_engine.web.bodies import ResponseBody

MEDIA_TYPE: Final = "application/gzip"
_FILE: Final = {"schema": {"type": "string", "format": "binary", "description": "See docs/archives.md"}}
# An archive in OpenAPI: as an answer, and as a body.
ARCHIVE_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The archive, as it is written", "content": {MEDIA_TYPE: _FILE}}
}
ARCHIVE_BODY: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": {MEDIA_TYPE: _FILE}}}


class PeopleResponse(ResponseBody):
    """What became of the people of an archive."""

    found: int = Field(description="Who has an account with their address here")
    made: int = Field(description="For whom an account was made, without a password")
    unknown: int = Field(description="Who stays without an account: under a pseudonym, or deleted here")
    moved: int = Field(description="Who goes by another id here, which the log says")


class ImportResponse(ResponseBody):
    """A world that was imported."""

    world: str
    events: int = Field(description="How many events the archive had")
    people: PeopleResponse

    @classmethod
    def of(cls, imported: Imported) -> "ImportResponse":
        """Show it."""
        people = imported.people
        told = PeopleResponse(
            found=people.found, made=people.made, unknown=people.unknown, moved=len(people.moved)
        )  # fmt: skip
        return cls(world=imported.world, events=imported.events, people=told)
