"""The errors of a route as OpenAPI has them, with an example of each; not how they are answered."""

from collections.abc import Iterable
from typing import Any, Final

from reality_engine.kernel.errors import (
    BusyError,
    InvalidError,
    RealityError,
    TooManyRequestsError,
    UnavailableError,
)
from reality_engine.web.codes import CODES, status_of, status_of_error
from reality_engine.web.envelope import ErrorEnvelope, ErrorItem
from reality_engine.web.errors import NotJsonError, NullCharacterError, TooLargeError

Responses = dict[int | str, dict[str, Any]]


def responses(*errors: type[RealityError], codes: Iterable[str] = ()) -> Responses:
    """Return what a route passes as `responses=`: one entry a status, one example a code.

    `codes` are those that come without an error of their own, such as refusals by the rules of a world.
    """
    documented: Responses = {}
    for code in codes:
        _document(documented, status_of(code), code)
    for error in errors:
        _document(documented, status_of_error(error), error.code)
    return documented


def _document(documented: Responses, status: int, code: str) -> None:
    entry = documented.setdefault(
        status, {"model": ErrorEnvelope, "description": "", "content": {"application/json": {"examples": {}}}}
    )
    meaning = CODES[code].meaning if code in CODES else code
    entry["description"] = "\n\n".join(part for part in (entry["description"], f"`{code}`: {meaning}") if part)
    example = ErrorEnvelope(errors=[ErrorItem(code=code, message=meaning)])
    entry["content"]["application/json"]["examples"][code] = {"value": example.model_dump()}


def _standard() -> Responses:
    documented = responses(
        NotJsonError, NullCharacterError, TooLargeError, InvalidError, TooManyRequestsError, UnavailableError, BusyError
    )
    _document(documented, 400, "bad_request")
    _document(documented, 500, "internal")
    for status in (429, 503):
        documented[status]["headers"] = {
            "Retry-After": {"description": "Seconds to wait before asking again", "schema": {"type": "integer"}}
        }
    return documented


# What any route may answer; the app passes it to FastAPI once.
STANDARD: Final = _standard()
