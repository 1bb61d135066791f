"""Turns every error into the envelope with a fitting status; not the errors, which `kernel` draws."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from reality_engine.kernel.errors import (
    LimitExceededError,
    ProblemsError,
    RealityError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)
from reality_engine.web.codes import status_of_error
from reality_engine.web.envelope import ErrorEnvelope, ErrorItem

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HTTP_CODES: Final = {
    400: ("bad_request", "the body could not be read as what its Content-Type says"),
    404: ("not_found", "there is nothing at this path"),
    405: ("method_not_allowed", "this path has no such method"),
    413: ("too_large", "the body is larger than this server accepts"),
}


class NotJsonError(RealityError):
    """The body is not JSON, or is nested too deeply."""

    code = "not_json"


class NullCharacterError(RealityError):
    """The request holds a character that no database text can hold."""

    code = "null_character"


class TooLargeError(LimitExceededError):
    """The body is larger than the server's bound."""

    code = "too_large"


def install(app: FastAPI) -> None:
    """Have the app answer every error that it foresees; `failures.UnforeseenErrors` takes the rest."""
    app.add_exception_handler(RealityError, _answer_domain_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)


def answer(status: int, errors: Iterable[ErrorItem], headers: Mapping[str, str] | None = None) -> Response:
    """Make the answer that has errors and no data."""
    body = ErrorEnvelope(errors=list(errors)).model_dump_json()
    return Response(body, status, headers, media_type="application/json")


def answer_to(error: RealityError) -> Response:
    """Make the answer to one domain error."""
    return answer(status_of_error(type(error)), items_of(error), headers_of(error))


def items_of(error: RealityError) -> list[ErrorItem]:
    """Return everything that an error tells: each of its problems, or itself."""
    told = error.problems if isinstance(error, ProblemsError) and error.problems else (error,)
    return [ErrorItem(code=one.code, message=one.message, field=one.field, hint=one.hint) for one in told]


def headers_of(error: RealityError) -> dict[str, str]:
    """Return the headers that an answer to an error has."""
    if isinstance(error, UnauthenticatedError):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, (UnavailableError, TooManyRequestsError)):
        return {"Retry-After": str(error.retry_after)}
    return {}


async def _answer_domain_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RealityError):
        raise error
    return answer_to(error)


async def _answer_invalid_request(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return answer_to(NotJsonError("the body is not JSON"))
    return answer(422, [_item(one) for one in found])


def _item(found: Mapping[str, Any]) -> ErrorItem:
    """Tell one finding of Pydantic, without the value: it may be a password."""
    source, *path = (str(part) for part in found["loc"])
    message = str(found["msg"]).removeprefix("Value error, ")
    return ErrorItem(code="invalid", message=message, field=".".join(path) or source, hint=_hint(found, source))


def _hint(found: Mapping[str, Any], source: str) -> str | None:
    if found["type"] == "extra_forbidden":
        return "there is no such key here; leave it out or look for a typing mistake"
    if found["type"] == "missing":
        return f"send it in the {source}"
    if found["type"] == "model_attributes_type" or (found["type"] == "dict_type" and len(found["loc"]) == 1):
        return "send a JSON object, with Content-Type: application/json"
    return None


async def _answer_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code, message = _HTTP_CODES.get(error.status_code, ("error", str(error.detail)))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        # The framework names the methods of the first route with this path only; RFC 9110 wants them all.
        headers["Allow"] = ", ".join(_methods(request.app.routes, request.scope))
    return answer(error.status_code, [ErrorItem(code=code, message=message)], headers)


def _methods(routes: list[BaseRoute], scope: Scope) -> list[str]:
    def serves(method: str) -> bool:
        probe = {**scope, "method": method, "path_params": {}}
        return any(route.matches(probe)[0] is Match.FULL for route in routes)

    return [method for method in METHODS if serves(method)]
