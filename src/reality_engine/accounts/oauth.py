"""Errors as OAuth2 clients read them, beside the envelope (RFC 6749, section 5.2); not which errors there are."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import Field
from starlette.exceptions import HTTPException

from reality_engine.accounts.errors import BadClientError, BadTokenRequestError
from reality_engine.kernel.errors import RealityError
from reality_engine.web.codes import status_of_error
from reality_engine.web.envelope import ErrorEnvelope
from reality_engine.web.errors import answer_to
from reality_engine.web.responses import Responses, responses

# By our code; all others are by the status that they have elsewhere.
_WORDS: Final = {
    "unsupported_grant_type": "unsupported_grant_type",
    "bad_scope": "invalid_scope",
    "bad_client": "invalid_client",
    "bad_token_request": "invalid_request",
}
_BY_STATUS: Final = {401: "invalid_grant", 403: "invalid_grant", 429: "temporarily_unavailable"}
# What stays as it is; all other refusals are a plain 400 here.
_KEPT: Final = {413, 429}


class OAuthErrorEnvelope(ErrorEnvelope):
    """The envelope with the error also at the top, where OAuth2 clients look for it."""

    error: str = Field(description="By the words of RFC 6749, section 5.2", examples=["invalid_grant"])
    error_description: str = Field(description="For whoever wrote the client", examples=["the password is wrong"])


class OAuthRoute(APIRoute):
    """A route whose errors are answered for OAuth2 clients."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except RealityError as error:
                return _answer(error)
            except (RequestValidationError, HTTPException):
                return _answer(BadTokenRequestError("the body is not a form that could be read"))

        return answered


def oauth_responses(*errors: type[RealityError]) -> Responses:
    """Return what such a route passes as `responses=`, each error under the status that it has here."""
    documented: Responses = {}
    for error in errors:
        ((_, told),) = responses(error).items()
        status = _status(error)
        if status not in documented:
            documented[status] = {**told, "model": OAuthErrorEnvelope}
        else:
            documented[status]["description"] += f"\n\n{told['description']}"
            documented[status]["content"]["application/json"]["examples"].update(
                told["content"]["application/json"]["examples"]
            )
        example = documented[status]["content"]["application/json"]["examples"][error.code]["value"]
        example.update(error=_word(error), error_description=example["errors"][0]["message"])
    return documented


def _answer(error: RealityError) -> Response:
    plain = answer_to(error)
    body = {**orjson.loads(plain.body), "error": _word(type(error)), "error_description": _described(error.message)}
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, BadClientError):
        headers["WWW-Authenticate"] = 'Basic realm="applications"'
    if "retry-after" in plain.headers:
        headers["Retry-After"] = plain.headers["retry-after"]
    return Response(orjson.dumps(body), _status(type(error)), headers, media_type="application/json")


def _status(error: type[RealityError]) -> int:
    status = status_of_error(error)
    plain = status >= 500 or status in _KEPT or issubclass(error, BadClientError)
    return status if plain else 400


def _word(error: type[RealityError]) -> str:
    status = status_of_error(error)
    usual = "temporarily_unavailable" if status == 503 else "server_error" if status >= 500 else "invalid_request"
    return _WORDS.get(error.code) or _BY_STATUS.get(status) or usual


def _described(message: str) -> str:
    """Return the text with the characters alone that may stand in a description."""
    fitting = message.replace('"', "'").replace("\\", "/")
    return "".join(letter if " " <= letter <= "~" else "?" for letter in fitting)
