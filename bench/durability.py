"""Reads back from a database whether an answered commit survives a power cut, as the product connects to it."""

from typing import Final

from sqlalchemy import text

from reality_engine.db.engine import open_engines

_ASKED: Final = {
    "sqlite": ("PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA foreign_keys"),
    "postgresql": (
        "SHOW fsync", "SHOW synchronous_commit", "SHOW full_page_writes", "SHOW wal_sync_method",
    ),
}  # fmt: skip
# In SQLite, synchronous=2 is FULL.
_NEEDED: Final = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
    "postgresql": {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
}


async def durability(url: str) -> dict[str, str]:
    """Return the settings and the version; raises RuntimeError where a commit may be lost."""
    engines = open_engines(url)
    name = engines.dialect.name
    version = "SELECT sqlite_version()" if name == "sqlite" else "SHOW server_version"
    try:
        async with engines.writer.connect() as connection:
            told = {asked.split()[-1]: str(await connection.scalar(text(asked))) for asked in _ASKED[name]}
            told["version"] = str(await connection.scalar(text(version)))
    finally:
        await engines.close()
    wrong = {key: told[key] for key, value in _NEEDED[name].items() if told[key] != value}
    if wrong:
        raise RuntimeError(f"{name} may lose commits that were answered: {wrong}")
    return told
