"""What an administrator does with applications: add, renew the secret of, remove; no HTTP, and not their use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.errors import ConflictError, NotFoundError, Problem, ProblemsError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.openid import redirects, repository, service
from reality_engine.openid.client import Client, digest_of, new_secret
from reality_engine.openid.scopes import USUAL, Scope, as_text, scopes_in

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

MAX_ADDRESSES: Final = 20


@dataclass(frozen=True, slots=True)
class NewClient:
    """An application that is to be added; see `Client`."""

    name: str
    redirects: Sequence[str]
    after_log_out: Sequence[str] = ()
    scopes: Sequence[Scope] = USUAL
    public: bool = False
    trusted: bool = False


async def add(unit: WriteUnit, principal: Principal, new: NewClient, moment: datetime) -> tuple[Client, str | None]:
    """Add an application; return it and its secret, which is known nowhere else. Raises ProblemsError."""
    _require_sound(new)
    secret = None if new.public else new_secret()
    client = Client(
        fresh_id(moment), new.name, tuple(new.redirects), tuple(new.after_log_out),
        scopes_in(scope.value for scope in (Scope.OPENID, *new.scopes)), new.trusted,
        None if secret is None else digest_of(secret), moment,
    )  # fmt: skip
    await repository.add_client(unit, client)
    details: dict[str, Plain] = {"scope": as_text(client.scopes), "public": client.public, "trusted": client.trusted}
    await audit.note(unit, moment, principal, What.CLIENT_MADE, client.id, details)
    return client, secret


async def renew_secret(unit: WriteUnit, principal: Principal, client_id: str, moment: datetime) -> tuple[Client, str]:
    """Give an application another secret at once; raises NotFoundError, and ConflictError for one that has none."""
    client = await _get(unit, client_id)
    if client.public:
        raise ConflictError("this application is public and has no secret", hint="add another one that is not")
    secret = new_secret()
    await repository.set_secret(unit, client_id, digest_of(secret))
    await audit.note(unit, moment, principal, What.CLIENT_CHANGED, client_id, {"secret": "renewed"})
    return client, secret


async def remove(unit: WriteUnit, principal: Principal, client_id: str, moment: datetime) -> Sequence[str]:
    """Remove an application, and end all sessions that it has, which are returned; raises NotFoundError."""
    await _get(unit, client_id)
    ended = await repository.sessions_of(unit, client_id)
    await service.end(unit, ended, moment)
    await repository.remove_client(unit, client_id)
    await audit.note(unit, moment, principal, What.CLIENT_REMOVED, client_id)
    return ended


async def _get(unit: WriteUnit, client_id: str) -> Client:
    client = await repository.find_client(unit, client_id)
    if client is None:
        raise NotFoundError("there is no such application")
    return client


def _require_sound(new: NewClient) -> None:
    problems = [
        Problem("invalid", f"people cannot be sent to {address[:100]}: {problem}", f"{field}.{number}")
        for field, addresses in (("redirects", new.redirects), ("after_log_out", new.after_log_out))
        for number, address in enumerate(addresses)
        if (problem := redirects.problem_with(address)) is not None
    ]
    if not new.redirects:
        problems.append(Problem("invalid", "it needs an address at least that people are sent back to", "redirects"))
    if max(len(new.redirects), len(new.after_log_out)) > MAX_ADDRESSES:
        problems.append(Problem("invalid", f"it has more than {MAX_ADDRESSES} addresses", "redirects"))
    if new.public and new.trusted and not all(address.startswith("https://") for address in new.redirects):
        hint = "leave out trusted, so that people are asked"
        message = "any program could ask in its name: it is public, and an address of it is not https://"
        problems.append(Problem("invalid", message, "trusted", hint))
    if problems:
        raise ProblemsError(problems[0].message, problems=tuple(problems))
