"""What clients send about packs, and get; not the language of packs, see `docs/packs.md`."""

from typing import Any, Final

from pydantic import Field

from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.problems import PackError
from reality_engine.packs.stored import PackVersion
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp

EXAMPLE: Final = """\
pack: lantern
version: 1.0.0
title: A lantern
roles: {keeper: {title: Keeper, admin: true}}
kinds:
  lantern: {visible_to: [everyone], fields: {lit: {type: boolean, default: false}}}
actions:
  light: {target: lantern, allow: "true", effects: [set: {target.lit: true}], narrative: "A light goes on"}
seeds:
  - create: {kind: lantern}
"""


class UploadRequest(RequestBody):
    """A pack as its files."""

    files: dict[str, str] = Field(
        description="Text by file name: `pack.yaml`, and perhaps `README.md` and `tests/*.yaml`",
        examples=[{"pack.yaml": EXAMPLE}],
    )


# The two forms of a pack's body, for OpenAPI; which of them came, the content type says.
UPLOAD_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": UploadRequest.model_json_schema()},
            # What is wrong with a pack is told with its line and column, and so by no schema.
            "application/yaml": {"schema": {"description": "pack.yaml"}, "example": EXAMPLE},
        },
    }
}


class PackResponse(ResponseBody):
    """One version of a pack. It never changes."""

    name: str = Field(examples=["lantern"])
    version: str = Field(examples=["1.0.0"])
    title: str = Field(examples=["A lantern"])
    digest: str = Field(description="SHA-256 of the source", examples=["9f" * 32])
    created_at: Timestamp

    @classmethod
    def of(cls, pack: PackVersion) -> "PackResponse":
        """Show a stored version."""
        return cls(
            name=pack.name, version=pack.version, title=pack.title, digest=pack.digest, created_at=pack.created_at
        )


class PackSourceResponse(PackResponse):
    """A version, with its source for those who may read it: seeds and rules hold secrets."""

    files: dict[str, str] | None = Field(description="For who uploaded it and the server's administrators; else null")


class PackProblemResponse(ResponseBody):
    """One mistake, at its place; line and column count from 1."""

    file: str = Field(examples=["pack.yaml"])
    line: int = Field(examples=[7])
    column: int = Field(examples=[45])
    code: str = Field(examples=["unknown_name"])
    message: str
    hint: str | None = None


class CheckResponse(ResponseBody):
    """What checking a pack has found: every mistake, in the order of the source."""

    ok: bool
    name: str | None = Field(None, description="Of a pack without mistakes")
    version: str | None = None
    problems: list[PackProblemResponse]

    @classmethod
    def passed(cls, pack: CompiledPack) -> "CheckResponse":
        """Show a pack without mistakes."""
        return cls(ok=True, name=pack.name, version=pack.version, problems=[])

    @classmethod
    def failed(cls, error: PackError) -> "CheckResponse":
        """Show the mistakes."""
        return cls(ok=False, problems=[PackProblemResponse.model_validate(one.as_json()) for one in error.problems])
