"""What Clerk tells by itself, as values: news of users, organizations and memberships; pure, and nothing is done here.

Field names are those of Clerk's webhooks: `data`, `type`, and times in milliseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reality_engine.identities.identity import NAMELESS, plain_name, plain_subject, verified_email
from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.json import MAX_INTEGER

_GONE: Final = "deleted"


@dataclass(frozen=True, slots=True)
class PersonNews:
    """Somebody as they are since a moment; without a name and an address where they are gone."""

    key: str
    told_at: int
    gone: bool
    name: str = NAMELESS
    email: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationNews:
    """An organization as it is since a moment."""

    key: str
    told_at: int
    gone: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class MemberNews:
    """Who belongs to an organization since a moment, and as what."""

    key: str
    told_at: int
    gone: bool
    organization: OrganizationNews
    subject: str
    role: str = ""


News: TypeAlias = PersonNews | OrganizationNews | MemberNews


def news_of(payload: object) -> News | None:
    """Return what is told, None where it is about something else; raises InvalidError for what cannot be read."""
    try:
        event = _mapping(payload)
        kind, _, what = str(event.get("type", "")).partition(".")
        reader = _READERS.get(kind)
        return None if reader is None else reader(event, _mapping(event.get("data")), gone=what == _GONE)
    except (TypeError, ValueError) as error:
        raise InvalidError("these are not news as Clerk tells them", field="data") from error


def _person(event: Mapping[str, Any], data: Mapping[str, Any], *, gone: bool) -> PersonNews:
    key, told_at = plain_subject(data.get("id")), _told_at(event, data)
    if gone:
        return PersonNews(key, told_at, gone=True)
    whole = " ".join(part for name in ("first_name", "last_name") if (part := plain_name(data.get(name))))
    name = plain_name(whole) or plain_name(data.get("username")) or NAMELESS
    return PersonNews(key, told_at, gone=False, name=name, email=_primary_email(data))


def _primary_email(data: Mapping[str, Any]) -> str:
    addresses = data.get("email_addresses")
    for one in addresses if isinstance(addresses, list) else ():
        if isinstance(one, dict) and one.get("id") == data.get("primary_email_address_id"):
            proof = one.get("verification")
            verified = isinstance(proof, dict) and proof.get("status") == "verified"
            return verified_email(one.get("email_address"), verified=verified)
    return ""


def _organization(event: Mapping[str, Any], data: Mapping[str, Any], *, gone: bool) -> OrganizationNews:
    key = plain_subject(data.get("id"))
    return OrganizationNews(key, _told_at(event, data), gone, plain_name(data.get("name")) or key)


def _member(event: Mapping[str, Any], data: Mapping[str, Any], *, gone: bool) -> MemberNews:
    about = _mapping(data.get("organization"))
    person = _mapping(data.get("public_user_data"))
    return MemberNews(
        plain_subject(data.get("id")), _told_at(event, data), gone, _organization(event, about, gone=False),
        plain_subject(person.get("user_id")), plain_name(data.get("role")),
    )  # fmt: skip


_READERS: Final[dict[str, Callable[..., News]]] = {
    "user": _person,
    "organization": _organization,
    "organizationMembership": _member,
}


def _told_at(event: Mapping[str, Any], data: Mapping[str, Any]) -> int:
    """Return as of when it is so. What is gone has no time of its own, but the telling has."""
    found = data.get("updated_at", event.get("timestamp", 0))
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= MAX_INTEGER:
        raise ValueError("not a time")
    return found


def _mapping(given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise TypeError("not an object")
    return given
