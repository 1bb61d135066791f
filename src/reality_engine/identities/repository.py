"""Every query on the tables of identities and sign-ins; not what they mean."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.identities.identity import Identity, Kind, Proven
from reality_engine.identities.models import IdentityRow, OrganizationMemberRow, OrganizationRow, SignInRow


async def add_identity(unit: WriteUnit, identity: Identity) -> bool:
    """Insert a link; False where there is one already, even one that is committed at the same time."""
    statement = unit.dialect.insert_or_ignore(IdentityRow).returning(IdentityRow.id)
    values = {
        "id": identity.id,
        "kind": identity.kind.value,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "user_id": identity.user_id,
        "linked_at": identity.linked_at,
    }
    return await unit.session.scalar(statement.values(values)) is not None


async def find_identity(unit: ReadUnit, issuer: str, subject: str) -> Identity | None:
    """Return the link of somebody whom a provider knows."""
    query = select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    row = await unit.session.scalar(query)
    return None if row is None else _identity(row)


async def users_of_subjects(unit: ReadUnit, issuer: str, subjects: Collection[str]) -> dict[str, str]:
    """Return the ids of the accounts of those whom a provider knows, by what it calls them."""
    link = IdentityRow
    query = select(link.subject, link.user_id).where(link.issuer == issuer)
    found = await unit.session.execute(query.where(unit.dialect.among(link.subject, list(subjects))))
    return {row.subject: row.user_id for row in found}


async def list_identities(unit: ReadUnit, user_id: str) -> Sequence[Identity]:
    """Return the links of an account, the oldest first."""
    query = select(IdentityRow).where(IdentityRow.user_id == user_id).order_by(IdentityRow.id)
    return [_identity(row) for row in await unit.session.scalars(query)]


async def lock_identities(unit: WriteUnit, user_id: str) -> Sequence[Identity]:
    """Return the links of an account, held until the transaction ends, so that of two that go one comes second."""
    query = select(IdentityRow).where(IdentityRow.user_id == user_id).order_by(IdentityRow.id)
    return [_identity(row) for row in await unit.session.scalars(unit.dialect.locked(query))]


async def delete_identity(unit: WriteUnit, identity: Identity) -> None:
    """Remove a link, with what the provider told of that person's organizations."""
    await unit.session.execute(delete(IdentityRow).where(IdentityRow.id == identity.id))
    await delete_memberships(unit, identity.issuer, identity.subject)


async def delete_memberships(unit: WriteUnit, issuer: str, subject: str) -> None:
    """Have somebody belong to no organization any more."""
    row = OrganizationMemberRow
    which = select(OrganizationRow.id).where(OrganizationRow.issuer == issuer)
    await unit.session.execute(delete(row).where(row.organization_id.in_(which), row.subject == subject))


async def delete_identities(unit: WriteUnit, user_id: str) -> Sequence[Identity]:
    """Remove the links of an account, and what is kept of sign-ins by them; returns what they were."""
    links = await lock_identities(unit, user_id)
    for link in links:
        await delete_identity(unit, link)
        sign_in = SignInRow
        same = (sign_in.issuer == link.issuer, sign_in.subject == link.subject)
        await unit.session.execute(delete(sign_in).where(*same))
    return links


async def add_sign_in(unit: WriteUnit, digest: bytes, challenge: str, proven: Proven, expires_at: datetime) -> None:
    """Keep what a provider has said of somebody."""
    unit.session.add(
        SignInRow(
            digest=digest, challenge=challenge, issuer=proven.issuer, subject=proven.subject, name=proven.name,
            email=proven.email, expires_at=expires_at,
        )
    )  # fmt: skip
    await unit.session.flush()


async def find_sign_in(unit: WriteUnit, digest: bytes, challenge: str, moment: datetime) -> Proven | None:
    """Return what was said, held until the transaction ends, so that of two who come with a code one comes second."""
    query = select(SignInRow).where(SignInRow.digest == digest, SignInRow.challenge == challenge)
    row = await unit.session.scalar(unit.dialect.locked(query.where(SignInRow.expires_at > moment)))
    return None if row is None else Proven(Kind.OIDC, row.issuer, row.subject, row.name, row.email)


async def delete_sign_in(unit: WriteUnit, digest: bytes) -> None:
    """Remove what was used."""
    await unit.session.execute(delete(SignInRow).where(SignInRow.digest == digest))


async def delete_expired_sign_ins(unit: WriteUnit, moment: datetime) -> None:
    """Remove what can never be used again."""
    await unit.session.execute(delete(SignInRow).where(SignInRow.expires_at <= moment))


def _identity(row: IdentityRow) -> Identity:
    return Identity(row.id, Kind(row.kind), row.issuer, row.subject, row.user_id, row.linked_at)
