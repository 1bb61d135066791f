"""Answers to an application at the address that somebody is sent back to; not what is in them."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from reality_engine.openid.errors import RefusedRequestError


def sent_back(redirect: str, state: str | None, issuer: str, **told: str) -> Response:
    """Send somebody back with what is told, the application's own state, and who tells it (RFC 9207)."""
    values = {**told, **({} if state is None else {"state": state}), "iss": issuer}
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(with_query(redirect, values), 303, headers)


def refused(redirect: str, state: str | None, issuer: str, error: RefusedRequestError) -> Response:
    """Send somebody back with an error."""
    return sent_back(redirect, state, issuer, error=error.error, error_description=error.description)


def with_query(address: str, values: dict[str, str]) -> str:
    """Return an address without a fragment with more in its query; what stands there stays as it is."""
    base, _, query = address.partition("?")
    return f"{base}?{'&'.join(part for part in (query, urlencode(values)) if part)}"
