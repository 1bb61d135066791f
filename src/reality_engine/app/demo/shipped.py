"""Where the packs are that come with the product: in the wheel, or beside the source in a checkout."""

from pathlib import Path

from reality_engine.packs.loader import MAIN

_IN_WHEEL = Path(__file__).parent / "packs"
_IN_CHECKOUT = Path(__file__).parents[4] / "packs"


def shipped_packs() -> list[Path]:
    """Return the folders of the packs that come along, by name."""
    root = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
    return sorted(folder for folder in root.iterdir() if (folder / MAIN).is_file()) if root.is_dir() else []
