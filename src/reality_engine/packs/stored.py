"""Stored versions of packs as values, and what can be wrong with storing one; not their table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reality_engine.kernel.errors import ConflictError


@dataclass(frozen=True, slots=True)
class PackVersion:
    """What is known of a stored version without its source; `digest` is the SHA-256 of the source, in hex."""

    digest: str
    name: str
    version: str
    title: str
    uploaded_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPack:
    """A stored version with its source files by name."""

    about: PackVersion
    files: Mapping[str, str]


class VersionTakenError(ConflictError):
    """The name and version are those of a stored pack with another content; versions never change."""

    code = "version_taken"
