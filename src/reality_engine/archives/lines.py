"""The lines of an archive as values, to and from JSON: docs/archives.md says what they mean; pure, and no files."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from reality_engine.archives.errors import ArchiveError, NewerFormatError
from reality_engine.kernel.clock import from_text, to_text
from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain, canonical
from reality_engine.web.limits import check_json

FORMAT: Final = 1
# Deeper than what any body of a request may be, which stands within an event.
MAX_DEPTH: Final = 100


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("not an id")
    return text


def _moment(text: str) -> str:
    if to_text(from_text(text)) != text:
        raise ValueError("not a moment in UTC with six decimals")
    return text


Id = Annotated[str, AfterValidator(_id)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[str, AfterValidator(_moment)]
Position = Annotated[int, Field(ge=1, le=2**53 - 1)]


class _Line(BaseModel):
    """What no format has is refused: a reader that skips what it does not know could show less than was meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ForkPart(_Line):
    """Of which world it is a fork, and up to which position it shares its log."""

    world: Id
    position: Position


class WorldPart(_Line):
    """Which world it is."""

    id: Id
    created_at: Moment
    forked_from: ForkPart | None = None


class HeadPart(_Line):
    """Where the log ends: the last position and its digest, the pack that the world runs."""

    position: Position
    digest: Digest
    pack: Digest
    recorded_at: Moment
    epoch: int


class Manifest(_Line):
    """The first line: what the archive holds."""

    archive: Literal["reality-engine"]
    format: int
    engine: str = Field(max_length=100)
    exported_at: Moment
    pseudonyms: bool
    world: WorldPart
    head: HeadPart


class PackLine(_Line):
    """A version of a pack by its digest, before the first event that names it."""

    pack: Digest
    files: dict[str, str]


class UserLine(_Line):
    """Somebody whom the world names: with an account, or under a pseudonym."""

    user: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(max_length=254)] | None = None
    name: Annotated[str, Field(max_length=80)] | None = None
    pseudonym: Annotated[str, Field(max_length=80)] | None = None


class EventLine(_Line):
    """An event: `body` is what is hashed, as text; `private` the values that it commits to, with their salts."""

    event: Position
    digest: Digest
    body: str
    private: dict[str, list[Any]] = Field(default_factory=dict)


class EndPart(_Line):
    """What stands before it: how many of each, and the SHA-256 of all bytes of all lines."""

    packs: int
    users: int
    events: int
    sha256: Digest


class EndLine(_Line):
    """The last line."""

    end: EndPart


Line: TypeAlias = Manifest | PackLine | UserLine | EventLine | EndLine
_FORMS: Final[Mapping[str, type[Line]]] = {
    "archive": Manifest, "pack": PackLine, "user": UserLine, "event": EventLine, "end": EndLine,
}  # fmt: skip


def written(line: Line) -> bytes:
    """Return a line as it stands in an archive: in canonical form, so that it does not depend on the database."""
    return canonical(line.model_dump(exclude_none=True, exclude_defaults=isinstance(line, EventLine))) + b"\n"


def read(raw: bytes, number: int) -> Line:
    """Read a line, without its end; raises ArchiveError that names it by its number."""
    tree = decoded(raw, f"line {number}")
    form = next((form for key, form in _FORMS.items() if isinstance(tree, dict) and key in tree), None)
    if form is None:
        raise ArchiveError(f"line {number} is none of an archive", hint="docs/archives.md lists them")
    if form is Manifest and isinstance(tree, dict):
        _check_format(tree.get("format"))
    try:
        return form.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ArchiveError(f"line {number}: {place}: {first['msg']}") from error


def decoded(raw: bytes, what: str) -> Plain:
    """Read JSON as strictly as what comes in requests; raises ArchiveError that says what it was."""
    try:
        return check_json(raw, MAX_DEPTH)[0]
    except RealityError as error:
        raise ArchiveError(f"{what} cannot be read: {error.message}") from error


def _check_format(held: Plain) -> None:
    if isinstance(held, int) and held > FORMAT:
        message = f"the archive has format {held}, and this release reads no later one than {FORMAT}"
        raise NewerFormatError(message, hint="import it by a later release")
    if held != FORMAT or isinstance(held, bool):
        raise ArchiveError("line 1: the archive has no format that there ever was")
