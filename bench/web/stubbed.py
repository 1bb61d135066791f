"""The product as it is served, but nothing below acting: each wish is accepted at once, with the same answer.

Run as `python -m bench.web.stubbed serve …`: the command line of `reality`.
"""

from typing import Final
from unittest.mock import patch

from reality_engine.actions import service
from reality_engine.actions.answer import Answer
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.app.cli.main import main
from reality_engine.kernel.json import Plain

_KEY: Final = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
_CHANGES: Final[list[Plain]] = [
    {"entity": _KEY, "kind": "character", "field": "coin", "before": 12, "after": 11},
    {"entity": _KEY, "kind": "plan", "field": "progress", "before": 3, "after": 4},
]
EVENT: Final[dict[str, Plain]] = {
    "id": _KEY, "at": "2026-05-01T18:00:00.000000Z", "type": "work", "action": "work",
    "narrative": "Mira works on the plan", "by": {"id": _KEY, "name": "Mira"}, "actor": _KEY, "target": _KEY,
    "input": {"effort": 1}, "changes": _CHANGES,
}  # fmt: skip
ANSWER: Final = Answer("accepted", (EVENT,))


async def submit(_actions: Actions, _world: str, _wish: Wish) -> Answer:
    """Answer as if it had happened."""
    return ANSWER


if __name__ == "__main__":
    with patch.object(service, "submit", submit):
        main()
