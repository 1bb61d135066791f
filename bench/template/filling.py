"""Fills the service's database with who gathers where and with crates, and writes the requests; no measuring."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import insert, text

from bench.api import get, post
from bench.commons import PATCHES, PLENTY
from bench.scale.peopled import CROWD_SEATS, OTHER_PLACES
from bench.template.database import open_engine
from bench.template.dependencies import token_of
from bench.template.tables import Band, Base, Crate, Gatherer, Patch, Seat, User

ROWS_AT_ONCE: Final = 5_000
_STEP: Final = 3  # has no divisor in common with the number of places, so that no place comes twice


async def fill(url: str, users: int, crates: int) -> None:
    """Make the tables and rows of a fresh database, as many as the product's worlds have."""
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        for table, rows in _rows(users, crates):
            for start in range(0, len(rows), ROWS_AT_ONCE):
                await connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
        await connection.execute(text("ANALYZE"))
    await engine.dispose()


def gathering(client: int) -> str:
    """Return the request of a client to gather from a patch of its own."""
    return _gather(client, 1 + client % PATCHES)


def crowding(client: int) -> str:
    """Return the request of a client to gather from the one patch that all gather from."""
    return _gather(client, 1)


def listing(client: int) -> str:
    """Return the request of a client for 20 crates."""
    return get("/crates?limit=20", token_of(1 + client))


def _gather(client: int, patch: int) -> str:
    return post(f"/patches/{patch}/gather", {"gatherer": 1 + client, "effort": 1}, token_of(1 + client))


def _rows(users: int, crates: int) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    """As in the product's world, half of the crates are at a place, and each user has seats at some of the places."""
    numbers = range(1, users + 1)
    yield User, [{"id": one, "name": f"bot{one}"} for one in numbers]
    yield Band, [{"id": 1, "name": "The Herons", "quota": 10}, {"id": 2, "name": "The Otters", "quota": 5}]
    yield Gatherer, [{"id": one, "user_id": one, "band_id": 1 + one % 2, "name": f"bot{one}"} for one in numbers]
    yield (
        Patch,
        [{"id": one, "name": f"Patch {one}", "stock": PLENTY, "capacity": PLENTY} for one in range(1, PATCHES + 1)],
    )
    seats = [(one, (one * 11 + number * _STEP) % OTHER_PLACES) for one in numbers for number in range(CROWD_SEATS)]
    yield Seat, [{"user_id": user, "place_id": place} for user, place in seats]
    yield Crate, [
        {
            "id": one, "name": f"Crate {one}", "weight": one * 37 % 1000, "worth": one * 71 % 1000,
            "place_id": one * 13 % OTHER_PLACES if one * 97 % 100 < 50 else None,
        }
        for one in range(1, crates + 1)
    ]  # fmt: skip
