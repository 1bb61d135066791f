"""What can be done with stored packs: store a version, get it ready to run; not how a client asks for it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.packs import repository
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source, digest
from reality_engine.packs.stored import PackVersion, StoredPack, VersionTakenError


async def check(files: Mapping[str, str], cache: PackCache) -> CompiledPack:
    """Compile a pack's files, in a thread, since it can take long; raises PackError with every mistake."""
    known = cache.get(digest(files))
    if known is not None:
        return known
    compiled = await asyncio.to_thread(compile_source, files)
    cache.put(compiled)
    return compiled


async def store(
    unit: WriteUnit, pack: CompiledPack, files: Mapping[str, str], moment: datetime, uploaded_by: str | None = None
) -> PackVersion:
    """Store a pack that was compiled from these files; the same content again changes nothing.

    Raises VersionTakenError where its name and version are stored with another content.
    """
    about = PackVersion(pack.digest, pack.name, pack.version, pack.title, uploaded_by, moment)
    if await repository.add_pack(unit, StoredPack(about, files)):
        return about
    stored = await repository.find_version(unit, pack.name, pack.version)
    if stored is None or stored.digest != pack.digest:
        message = f"{pack.name} {pack.version} is stored already, with another content"
        raise VersionTakenError(message, field="version", hint="a version never changes; give this one another number")
    return stored


async def load(unit: ReadUnit, pack_digest: str, cache: PackCache) -> CompiledPack:
    """Return a stored version ready to run; raises NotFoundError.

    Raises PackError where it was stored by a release that understood it, and this one does not.
    """
    known = cache.get(pack_digest)
    if known is not None:
        return known
    stored = await repository.get_pack(unit, pack_digest)
    return await check(stored.files, cache)
