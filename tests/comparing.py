"""Answers as bytes that can be compared: what is sealed anew each time is told by its length; not what they mean."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.playing import Playing, play
from tests.serving import Serving

LEAKS = (Path(__file__).parent / "integration/leaks.yaml").read_text(encoding="utf-8")
# Sealed with fresh bytes for each answer.
_SEALED = frozenset({"next", "cursor"})
# The length follows from the body, the id is drawn for each request.
_PASSING = frozenset({"content-length", "x-request-id", "date"})

Bytes = tuple[int, tuple[tuple[str, str], ...], bytes]


def comparable(answer: httpx2.Response) -> Bytes:
    """Return status, headers and body, in which a sealed cursor stands as its length."""
    headers = tuple(sorted((name, text) for name, text in answer.headers.items() if name not in _PASSING))
    body = answer.content
    if b'"meta"' in body:
        told = json.loads(body)
        meta = told.get("meta") or {}
        for name in _SEALED & meta.keys():
            meta[name] = f"{len(meta[name])} characters" if meta[name] is not None else None
        body = json.dumps(told).encode()
    return answer.status_code, headers, body


async def looked(table: Playing, who: str | None, paths: Iterable[str]) -> dict[str, Bytes]:
    """Return what somebody is answered at each path."""
    return {path: comparable(await table.get(who, path)) for path in paths}


async def stays_the_same(
    table: Playing, who: str | None, paths: Iterable[str], meanwhile: Callable[[], Awaitable[Any]]
) -> None:
    """Fail where anything that somebody is answered is another after what happened meanwhile."""
    asked = list(paths)
    before = await looked(table, who, asked)
    await meanwhile()
    after = await looked(table, who, asked)
    assert after == before, [path for path in asked if after[path] != before[path]]


@dataclass
class Haunted:
    """The world of the leaks: Mira's and Pia's heroes, a guild, and ghosts that are shown and hidden in turns."""

    table: Playing
    mira: str
    pia: str
    lamps: str
    shown: list[str]
    hidden: list[str]

    @property
    def paths(self) -> list[str]:
        """All that can be looked at, as far as Pia may know of it."""
        return [
            "", "/feed", "/feed?limit=1", "/feed?limit=2", "/entities?kind=hero", "/entities?kind=ghost",
            "/entities?kind=ghost&limit=2", "/entities?kind=guild", "/entities?kind=member", "/members", "/actions",
            f"/actions?actor={self.pia}", f"/entities/{self.mira}", f"/entities/{self.lamps}",
            f"/entities/{self.shown[0]}", f"/entities/{self.mira}/allowed", f"/entities/{self.shown[0]}/allowed",
            f"/entities/{self.mira}/history?limit=2", f"/entities/{self.shown[0]}/history",
            f"/entities/{self.mira}/blame", f"/entities/{self.mira}/diff?from=2026-05-01T12:00:00Z",
            "/diff?from=2026-05-01T12:00:00Z",
            "/diff?from=2026-05-01T12:00:00Z&limit=2",
        ]  # fmt: skip


async def haunted(server: Serving, **settings: Any) -> Haunted:
    """Play until something is hidden beside everything that is shown: Mira is of the Lamps, Pia of no guild."""
    table = await play(server, LEAKS, "leaks", **settings)
    lamps = await table.id_of("guild", "Lamps")
    await table.do("Mira", "join_as", input={"name": "Cass", "guild": lamps})
    await table.do("Pia", "join_as", input={"name": "Dell"})
    heroes = await table.all("Gia", "hero")
    for number in range(6):
        await table.do("Gia", "haunt", input={"name": f"ghost {number}", "level": number, "shown": number % 2 == 0})
    ghosts = await table.all("Gia", "ghost")
    shown, hidden = ([ghosts[f"ghost {number}"]["id"] for number in range(first, 6, 2)] for first in (0, 1))
    return Haunted(table, heroes["Cass"]["id"], heroes["Dell"]["id"], lamps, shown, hidden)
