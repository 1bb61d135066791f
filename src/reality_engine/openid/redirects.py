"""Addresses of applications that people may be sent back to: which can be registered, and which fit; no requests."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

MAX_LENGTH: Final = 1_000
_PLAIN: Final = re.compile(r"[!$&-;=?-\[\]_a-z~]+\Z")  # the characters of a URI (RFC 3986), but % apart from its digits
_ESCAPES: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# A scheme of an application's own is a domain name turned round (RFC 8252, section 7.1); none of a browser's is.
_OWN_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+\Z")
_LOOPBACK: Final = ("127.0.0.1", "[::1]")
_THIS_MACHINE: Final = ("localhost", *_LOOPBACK)


def problem_with(address: str) -> str | None:
    """Say why people cannot be sent to an address; None where they can."""
    if len(address) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    if not _PLAIN.match(_ESCAPES.sub("", address)):
        return "it holds characters that no such address has; a fragment is none of it"
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return "it is not an address"
    return None if _OWN_SCHEME.match(parts.scheme) else _problem_on_the_web(parts)


def _problem_on_the_web(parts: SplitResult) -> str | None:
    if parts.scheme not in ("https", "http"):
        return "it begins neither with https:// nor with a scheme like org.example.app:"
    if "@" in parts.netloc or not _HOST.fullmatch(_host(parts)):
        return "it has no plain host in lower-case letters"
    if parts.scheme == "http" and _host(parts) not in _THIS_MACHINE:
        return "it begins with http://, which is only for this machine: localhost, 127.0.0.1 or [::1]"
    return None


def fits(sent: str, registered: str, *, public: bool) -> bool:
    """Say whether an address is the registered one, to the character.

    A program on somebody's own machine takes whichever port is free, so for those the port may differ (RFC 8252,
    section 7.3).
    """
    if sent == registered:
        return True
    return (
        public and problem_with(sent) is None and _is_loopback(registered) and _portless(sent) == _portless(registered)
    )


def assured(address: str, *, public: bool) -> bool:
    """Say whether only the application itself can receive what is sent there, or use it: others must be asked about."""
    return not public or address.startswith("https://")


def form_target(address: str) -> str:
    """Return what a page must name so that a form on it may lead to an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def shown_place(address: str) -> str:
    """Return what people should look at: whose machine it is, or which application's scheme."""
    parts = urlsplit(address)
    return parts.netloc if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def _host(parts: SplitResult) -> str:
    name = parts.hostname or ""
    # `hostname` folds the case, and an address is compared to the character.
    if name not in parts.netloc:
        return ""
    return f"[{name}]" if ":" in name else name


def _is_loopback(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "http" and _host(parts) in _LOOPBACK


def _portless(address: str) -> SplitResult:
    parts = urlsplit(address)
    return parts._replace(netloc=_host(parts))
