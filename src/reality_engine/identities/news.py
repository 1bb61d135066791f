"""Queries on what a provider tells by itself: how far that was followed, and its organizations; not what it means."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.identities.models import IdentityRow, NewsRow, OrganizationMemberRow, OrganizationRow


@dataclass(frozen=True, slots=True)
class Membership:
    """An organization that somebody belongs to, and as what."""

    id: str
    issuer: str
    name: str
    role: str


def digest_of(issuer: str, kind: str, key: str) -> bytes:
    """Return what a thing at a provider is remembered by. Providers draw their ids, so a plain SHA-256 is enough."""
    return hashlib.sha256(f"{issuer}\n{kind}\n{key}".encode()).digest()


async def hold(unit: WriteUnit, digest: bytes) -> tuple[int, bool]:
    """Return until when the news of a thing were followed, and whether it is gone; held until the transaction ends."""
    await unit.session.execute(unit.dialect.insert_or_ignore(NewsRow).values(digest=digest, told_at=0, gone=False))
    query = select(NewsRow).where(NewsRow.digest == digest).execution_options(populate_existing=True)
    row = (await unit.session.scalars(unit.dialect.locked(query))).one()
    return row.told_at, row.gone


async def is_gone(unit: ReadUnit, digest: bytes) -> bool:
    """Say whether a thing is gone."""
    return bool(await unit.session.scalar(select(NewsRow.gone).where(NewsRow.digest == digest)))


async def follow(unit: WriteUnit, digest: bytes, told_at: int, *, gone: bool = False) -> None:
    """Note until when the news of a thing were followed."""
    await unit.session.execute(update(NewsRow).where(NewsRow.digest == digest).values(told_at=told_at, gone=gone))


async def put_organization(unit: WriteUnit, organization_id: str, issuer: str, key: str, name: str | None) -> str:
    """Have an organization, called something else where a name is given; return its id, which it keeps."""
    row = OrganizationRow
    values = {"id": organization_id, "issuer": issuer, "key": key, "name": name or key}
    await unit.session.execute(unit.dialect.insert_or_ignore(row).values(values))
    same = (row.issuer == issuer, row.key == key)
    if name is not None:
        await unit.session.execute(update(row).where(*same).values(name=name))
    found: str = (await unit.session.scalars(select(row.id).where(*same))).one()
    return found


async def delete_organization(unit: WriteUnit, issuer: str, key: str) -> None:
    """Remove an organization, and who belongs to it."""
    row = OrganizationRow
    await unit.session.execute(delete(row).where(row.issuer == issuer, row.key == key))


async def put_member(unit: WriteUnit, organization_id: str, subject: str, role: str) -> None:
    """Have somebody belong to an organization."""
    row = OrganizationMemberRow
    values = {"organization_id": organization_id, "subject": subject, "role": role}
    await unit.session.execute(unit.dialect.insert_or_ignore(row).values(values))
    same = (row.organization_id == organization_id, row.subject == subject)
    await unit.session.execute(update(row).where(*same).values(role=role))


async def delete_member(unit: WriteUnit, issuer: str, key: str, subject: str) -> None:
    """Have somebody belong to an organization no longer."""
    row = OrganizationMemberRow
    which = select(OrganizationRow.id).where(OrganizationRow.issuer == issuer, OrganizationRow.key == key)
    await unit.session.execute(delete(row).where(row.organization_id.in_(which), row.subject == subject))


async def list_memberships(unit: ReadUnit, user_id: str) -> Sequence[Membership]:
    """Return the organizations of somebody, by name."""
    member, organization, link = OrganizationMemberRow, OrganizationRow, IdentityRow
    query = (
        select(organization.id, organization.issuer, organization.name, member.role)
        .join(member, member.organization_id == organization.id)
        .join(link, (link.subject == member.subject) & (link.issuer == organization.issuer))
        .where(link.user_id == user_id)
        .order_by(organization.name, organization.id)
    )
    return [Membership(*row) for row in await unit.session.execute(query)]
