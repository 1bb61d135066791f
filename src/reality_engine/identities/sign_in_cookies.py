"""The cookie that ties a log-in at a provider to one browser; not what stands in it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from reality_engine.identities.sign_in import LIFETIME, is_state
from reality_engine.web.forgery import cookie_name

# The addresses of these answers hold codes.
NO_TRACE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PREFIX: Final = "reality-sign-in-"
_PART: Final = 16


def keep(response: Response, state: str, kept: str, *, secure: bool) -> None:
    """Have the browser keep something for one log-in; it may have begun several."""
    # Lax, since it comes back by a link of the provider's.
    response.set_cookie(
        _name(state, secure=secure), kept, max_age=int(LIFETIME.total_seconds()), path="/", secure=secure,
        httponly=True, samesite="lax",
    )  # fmt: skip


def held(request: Request, state: str, *, secure: bool) -> str | None:
    """Return what the browser keeps for a log-in."""
    return request.cookies.get(_name(state, secure=secure)) if is_state(state) else None


def forget(response: Response, state: str, *, secure: bool) -> None:
    """Have the browser keep it no longer."""
    response.delete_cookie(_name(state, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def _name(state: str, *, secure: bool) -> str:
    return cookie_name(f"{_PREFIX}{state[:_PART]}", secure=secure)
