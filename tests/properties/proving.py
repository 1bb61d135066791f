"""Runs the proof on a database of the tests, quietly; not the proof, see `reality_engine.app.proving`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from reality_engine.app.proving.house import opened
from reality_engine.app.proving.proof import Bounds, Proved, prove
from reality_engine.app.proving.story import story_of
from reality_engine.packs.loader import read_files

ROOT = Path(__file__).parents[2]
PACKS = {
    "harbor": ROOT / "packs/harbor",
    "cortex": ROOT / "packs/cortex",
    "quay": ROOT / "tests/integration/quay.yaml",
    "ground": ROOT / "tests/properties/ground.yaml",
}


async def proved(url: str, path: Path, cases: int, seed: str = "ci", shrinking: float = 60.0) -> Proved:
    """Try a pack in so many cases."""
    with _quiet():
        async with opened(url) as house:
            return await prove(house, read_files(path), seed, Bounds(cases, shrinking=shrinking))


def told(found: Proved, path: Path) -> str:
    """Return the story of what was found, for whoever reads that a test has failed."""
    return "no leak" if found.leak is None else str(story_of(found.leak, read_files(path), str(path)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out the line for each request: there are tens of thousands."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.reset_defaults()
