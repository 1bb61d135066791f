"""What a replay came to, for people and for programs; not the counting."""

from collections.abc import Sequence
from typing import Final

from git_replay.replaying import Run
from git_replay.totals import Totals

_SHOWN: Final = 20
_BUSIEST: Final = 5


def as_data(world: str, found: Totals, run: Run) -> dict[str, object]:
    """Return the figures that `--json` prints; all but the speed come from the server."""
    return {
        "world": world,
        "commits": found.commits,
        "people": len(found.people),
        "files": len(found.files),
        "added": found.whole.added,
        "deleted": found.whole.deleted,
        "seconds": round(run.seconds, 3),
        "actions_per_second": round(run.rate, 1),
    }


def as_text(world: str, found: Totals, run: Run) -> str:
    """Return the same as a few lines to read."""
    whole = found.whole
    busiest = ", ".join(f"{name} ({commits:,})" for name, commits in found.authored.most_common(_BUSIEST))
    return "\n".join(
        [
            f"World {world} holds",
            f"  {found.commits:,} commits ({found.merges:,} merges) by {len(found.people):,} people",
            f"  {whole.changes:,} changes of {len(found.files):,} files: +{whole.added:,} -{whole.deleted:,} lines",
            f"  most commits: {busiest}",
            f"{run.actions:,} actions in {run.seconds:.1f} s: {run.rate:,.0f} a second",
        ]
    )


def verdict(differences: Sequence[str], found: Totals) -> str:
    """Say whether server and source agree, and where they do not."""
    if not differences:
        pairs = f"and {len(found.pairs):,} pairs of both"
        return f"All {len(found.files):,} files and {len(found.people):,} people {pairs} agree with the source."
    more = [f"… and {len(differences) - _SHOWN} more"] if len(differences) > _SHOWN else []
    return "\n".join([f"{len(differences)} differences between source and server:", *differences[:_SHOWN], *more])
