"""Every query on the tables of the provider; not what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.openid.client import Client
from reality_engine.openid.models import ClientRow, ClientSessionRow, CodeRow, ConsentRow
from reality_engine.openid.scopes import Scope, as_text, scopes_in


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody allows an application."""

    client: Client
    scopes: tuple[Scope, ...]
    given_at: datetime


async def add_client(unit: WriteUnit, client: Client) -> None:
    """Insert an application."""
    unit.session.add(
        ClientRow(
            id=client.id, name=client.name, redirects=list(client.redirects), after_log_out=list(client.after_log_out),
            scope=as_text(client.scopes), trusted=client.trusted, secret_digest=client.secret_digest,
            created_at=client.created_at,
        )
    )  # fmt: skip
    await unit.session.flush()


async def find_client(unit: ReadUnit, client_id: str) -> Client | None:
    """Return an application."""
    row = await unit.session.scalar(select(ClientRow).where(ClientRow.id == client_id))
    return _client(row) if row is not None else None


async def list_clients(unit: ReadUnit, limit: int, skip: int = 0, after: str = "") -> list[Client]:
    """Return applications, those that were added first first."""
    query = select(ClientRow).order_by(ClientRow.id).limit(limit).offset(skip)
    return [_client(row) for row in await unit.session.scalars(query.where(ClientRow.id > after) if after else query)]


async def count_clients(unit: ReadUnit) -> int:
    """Return how many applications there are."""
    return await unit.session.scalar(select(func.count()).select_from(ClientRow)) or 0


async def set_secret(unit: WriteUnit, client_id: str, digest: bytes) -> None:
    """Replace the secret of an application."""
    await unit.session.execute(update(ClientRow).where(ClientRow.id == client_id).values(secret_digest=digest))


async def remove_client(unit: WriteUnit, client_id: str) -> None:
    """Delete an application, with the consents, codes and marks of sessions that are its own."""
    await unit.session.execute(delete(ClientRow).where(ClientRow.id == client_id))


async def put_consent(unit: WriteUnit, user_id: str, client_id: str, scopes: Sequence[Scope], moment: datetime) -> None:
    """Write down what somebody allows an application, in place of what they did before."""
    statement = unit.dialect.upsert(ConsentRow, ["user_id", "client_id"], ["scope", "given_at"])
    values = {"user_id": user_id, "client_id": client_id, "scope": as_text(scopes), "given_at": moment}
    await unit.session.execute(statement.values(values))


async def find_consent(unit: ReadUnit, user_id: str, client_id: str) -> tuple[Scope, ...]:
    """Return what somebody allows an application."""
    row = ConsentRow
    held = await unit.session.scalar(select(row.scope).where(row.user_id == user_id, row.client_id == client_id))
    return scopes_in((held or "").split())


async def list_consents(unit: ReadUnit, user_id: str) -> list[Consent]:
    """Return what somebody allows which applications, by when these were added."""
    query = select(ConsentRow, ClientRow).join(ClientRow, ClientRow.id == ConsentRow.client_id)
    found = await unit.session.execute(query.where(ConsentRow.user_id == user_id).order_by(ClientRow.id))
    return [Consent(_client(client), scopes_in(row.scope.split()), row.given_at) for row, client in found]


async def withdraw_consent(unit: WriteUnit, user_id: str, client_id: str) -> bool:
    """Delete what somebody allows an application; False where there is nothing."""
    row = ConsentRow
    query = delete(row).where(row.user_id == user_id, row.client_id == client_id).returning(row.client_id)
    return await unit.session.scalar(query) is not None


async def forget_user(unit: WriteUnit, user_id: str) -> None:
    """Leave nothing of somebody here; what hangs on their sessions goes with these."""
    await unit.session.execute(delete(ConsentRow).where(ConsentRow.user_id == user_id))


async def add_code(unit: WriteUnit, row: CodeRow, forgotten_before: datetime) -> None:
    """Insert a code, and delete those that expired long ago."""
    await unit.session.execute(delete(CodeRow).where(CodeRow.expires_at < forgotten_before))
    unit.session.add(row)
    await unit.session.flush()


async def find_code(unit: WriteUnit, digest: bytes) -> CodeRow | None:
    """Return a code, held until the transaction ends, so that of two uses at once one comes second."""
    query = unit.dialect.locked(select(CodeRow).where(CodeRow.digest == digest))
    row: CodeRow | None = await unit.session.scalar(query)
    return row


async def use_code(unit: WriteUnit, row: CodeRow, moment: datetime, session_id: str) -> None:
    """Note what a code was exchanged for."""
    row.used_at, row.session_id = moment, session_id
    await unit.session.flush()


async def add_session(unit: WriteUnit, row: ClientSessionRow) -> None:
    """Note that a session is an application's."""
    unit.session.add(row)
    await unit.session.flush()


async def find_session(unit: ReadUnit, session_id: str) -> tuple[str, tuple[Scope, ...]] | None:
    """Return whose session it is, and for what; None where it is no application's."""
    row = await unit.session.get(ClientSessionRow, session_id)
    return None if row is None else (row.client_id, scopes_in(row.scope.split()))


async def sessions_of(unit: ReadUnit, client_id: str, user_id: str | None = None) -> Sequence[str]:
    """Return the sessions of an application, of one person where one is given."""
    row = ClientSessionRow
    query = select(row.session_id).where(row.client_id == client_id)
    if user_id is not None:
        query = query.where(row.user_id == user_id)
    return (await unit.session.scalars(query)).all()


async def sessions_within(unit: ReadUnit, login_id: str) -> Sequence[tuple[str, tuple[Scope, ...]]]:
    """Return the sessions that applications got by one log-in of a browser, each with what it is for."""
    row = ClientSessionRow
    found = await unit.session.execute(select(row.session_id, row.scope).where(row.login_id == login_id))
    return [(session, scopes_in(scope.split())) for session, scope in found]


def _client(row: ClientRow) -> Client:
    return Client(
        row.id, row.name, tuple(row.redirects), tuple(row.after_log_out), scopes_in(row.scope.split()), row.trusted,
        row.secret_digest, row.created_at,
    )  # fmt: skip
