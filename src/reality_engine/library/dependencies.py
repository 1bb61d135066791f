"""What is uploaded, as `Annotated` types for the parameters of the pack routes; not what becomes of it."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request

from reality_engine.kernel.errors import InvalidError
from reality_engine.library.schemas import UploadRequest
from reality_engine.library.settings import LibrarySettings
from reality_engine.packs.loader import MAIN

YAML_TYPES: Final = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


async def _shelf(request: Request) -> LibrarySettings:
    settings: LibrarySettings = request.app.state.library
    return settings


async def _files(request: Request) -> Mapping[str, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if media_type in YAML_TYPES:
        return {MAIN: _text(body)}
    if media_type != "application/json":
        hint = "send a JSON object with Content-Type: application/json, or one file with Content-Type: application/yaml"
        raise InvalidError("a pack comes as JSON or as YAML", field="content-type", hint=hint)
    try:
        return UploadRequest.model_validate_json(body).files
    except ValidationError as error:
        # As FastAPI would tell it, had it read the body itself.
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidError("the file is not UTF-8 text", field="body") from error


ShelfDep = Annotated[LibrarySettings, Depends(_shelf)]
UploadedFiles = Annotated[Mapping[str, str], Depends(_files)]
