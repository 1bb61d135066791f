"""Where letters go, as one address says it: `console:`, `folder:/path`, `smtp://…` or `smtps://…`; not the going."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from reality_engine.kernel.errors import InvalidError

_FORMS: Final = "console:, folder:/path, smtp://user:password@host:587 or smtps://user:password@host:465"
# By which a connection becomes private: from its start, by STARTTLS, or not at all.
Privacy: TypeAlias = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Console:
    """The terminal of whoever runs the server."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, in which each message is a file."""

    path: Path


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes messages on by SMTP."""

    host: str
    port: int
    privacy: Privacy
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Say where it is, without the password."""
        return f"MailServer({self.host}:{self.port}, {self.privacy})"


Place: TypeAlias = Console | Folder | MailServer


def place_of(address: str) -> Place:
    """Read the address; raises InvalidError, which never repeats it, since it may hold a password."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _bad("it cannot be read") from error
    if parts.scheme == "console" and address == "console:":
        return Console()
    if parts.scheme == "folder" and parts.path and not parts.netloc:
        return Folder(Path(parts.path))
    if parts.scheme not in ("smtp", "smtps"):
        raise _bad("it says nowhere to send to")
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise _bad("it names no host, or more than a host")
    privacy = _privacy(parts.scheme, parts.query, parts.hostname)
    user, password = parts.username, parts.password
    if (user is None) != (password is None):
        raise _bad("it has a user without a password, or a password without a user")
    if user is not None and privacy == "none" and not _is_here(parts.hostname):
        raise _bad("the password would travel in the clear")
    return MailServer(
        parts.hostname,
        port or (465 if privacy == "tls" else 587),
        privacy,
        None if user is None else unquote(user),
        None if password is None else unquote(password),
    )


def _privacy(scheme: str, query: str, host: str) -> Privacy:
    """Return how the connection is kept private: in any case, unless the server is on this machine or `tls=none`.

    To take STARTTLS where it is offered would be no protection: whoever is in between leaves the offer out.
    """
    asked = parse_qs(query, keep_blank_values=True)
    if asked and (list(asked) != ["tls"] or asked["tls"] != ["none"] or scheme == "smtps"):
        raise _bad("?tls=none is all that may be asked, of smtp:// alone")
    if scheme == "smtps":
        return "tls"
    return "none" if asked or _is_here(host) else "starttls"


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bad(reason: str) -> InvalidError:
    return InvalidError(f"this is no address to send mail by: {reason}", hint=f"write {_FORMS}")
