"""Exports and imports in this process, and archives that somebody has altered; not the commands and the routes."""

import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from reality_engine.archives import exporting
from reality_engine.archives.importing import Importing, bring_in
from reality_engine.archives.pseudonyms import Naming
from reality_engine.archives.showing import Imported, Options
from reality_engine.db.unit import Units
from reality_engine.kernel.principal import WORLD
from tests.properties.stage import Stage

Told = dict[str, Any]


async def archived(stage: Stage, world: str, naming: Naming = Naming.ACCOUNTS) -> bytes:
    """Export a world."""
    started = await exporting.begin(stage.units, world, stage.clock, "test", naming)
    return b"".join([packed async for packed in started.members()])


async def imported(stage: Stage, units: Units, archive: bytes, piece: int = 2**16, **how: Any) -> Imported:
    """Import a world from an archive that comes in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(archive), piece):
            yield archive[at : at + piece]

    return await bring_in(Importing(units, stage.clock, stage.actions.packs), pieces(), Options(WORLD, **how))


def lines_of(archive: bytes) -> list[Told]:
    """Return the lines of an archive."""
    return [json.loads(line) for line in gzip.decompress(archive).splitlines()]


def packed(lines: Sequence[Told | bytes], *, honest: bool = True) -> bytes:
    """Return lines as an archive, whose end speaks of what it has, as somebody would write it who knows how."""
    raws = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    end = lines[-1]
    if honest and isinstance(end, dict) and "end" in end:
        counts = {
            f"{key}s": sum(isinstance(line, dict) and key in line for line in lines[:-1])
            for key in ("pack", "user", "event")
        }
        sha256 = hashlib.sha256(b"".join(raws[:-1])).hexdigest()
        raws[-1] = json.dumps({"end": {**counts, "sha256": sha256}}).encode() + b"\n"
    return gzip.compress(b"".join(raws), 1)


def rechained(lines: Sequence[Told], change: Callable[[Told, Told], None]) -> bytes:
    """Return an archive whose events were changed, given body and line, and chained anew."""
    digest, made = hashlib.sha256(b"reality-engine/1").digest(), [dict(line) for line in lines]
    for line in made:
        if "event" in line:
            body = json.loads(line["body"])
            change(body, line)
            line["body"] = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest = hashlib.sha256(digest + line["body"].encode()).digest()
            line["digest"] = digest.hex()
    made[0] = {**made[0], "head": {**made[0]["head"], "digest": digest.hex()}}
    return packed(made)
