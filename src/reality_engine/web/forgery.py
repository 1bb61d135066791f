"""Tells forms that this server gave a browser from those that another site made up for it; not who sends them."""

import base64
import hmac
import re
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import DeniedError
from reality_engine.web.keys import derive

FIELD: Final = "csrf"
_COOKIE: Final = "reality-forms"
_DRAWN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
_OURS: Final = frozenset({"same-origin", "none"})


class ForgedFormError(DeniedError):
    """A form was sent by another site, or by a browser that was never shown it."""

    code = "forged_form"


def cookie_name(name: str, *, secure: bool) -> str:
    """Return a cookie's name: over HTTPS with the prefix by which browsers refuse it from anybody but this host."""
    return f"__Host-{name}" if secure else name


class FormGuard:
    """A cookie that a browser keeps, and the field of its forms that fits it: another site can read neither.

    Beside that, browsers say where a request comes from, and what comes from elsewhere is refused whatever it holds.
    """

    def __init__(self, secret: bytes, public_url: str) -> None:
        """Derive the key from the server's secret; `public_url` says whether cookies travel over HTTPS alone."""
        self._key = derive(secret, "forms")
        address = urlsplit(public_url)
        self._host = address.netloc
        self.secure: bool = address.scheme == "https"

    def drawn(self, request: Request) -> str:
        """Return what the browser keeps, or something fresh for it to keep."""
        held = request.cookies.get(cookie_name(_COOKIE, secure=self.secure), "")
        return held if _DRAWN.fullmatch(held) else new_token()

    def field(self, drawn: str) -> str:
        """Return what stands in every form that is shown to that browser."""
        digest = hmac.digest(self._key, drawn.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def keep(self, response: Response, drawn: str) -> None:
        """Have the browser keep it until it is closed."""
        name = cookie_name(_COOKIE, secure=self.secure)
        # Lax, since somebody who is sent here by an application has pages of ours open already, perhaps.
        response.set_cookie(name, drawn, path="/", secure=self.secure, httponly=True, samesite="lax")

    def require_own(self, request: Request, field: str) -> None:
        """Raise ForgedFormError unless a page of this server, shown to this browser, sent the form."""
        held = request.cookies.get(cookie_name(_COOKIE, secure=self.secure), "")
        fits = bool(_DRAWN.fullmatch(held)) and hmac.compare_digest(self.field(held).encode(), field.encode())
        if not fits or not self._from_here(request):
            hint = "go back, load the page anew and send the form once more; cookies must be allowed"
            raise ForgedFormError("this form was not sent from a page of this server", hint=hint)

    def _from_here(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in _OURS
        origin = request.headers.get("origin")
        # Old browsers, and programs, send neither: for them there is the field.
        return origin is None or urlsplit(origin).netloc in (request.headers.get("host"), self._host)
