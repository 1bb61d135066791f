"""Replays the history of a git repository in a world of a Reality Engine, and checks that all of it arrived."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx2", "rich"]
# ///

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2
from git_replay.git_log import Repository
from git_replay.history import Beginning, History, HistoryError
from git_replay.interchange import HistoryFile
from git_replay.looking_back import look_back
from git_replay.names import fitted
from git_replay.replaying import Run, replay
from git_replay.server import Server, ServerError
from git_replay.summary import as_data, as_text, verdict
from git_replay.totals import Totals, differences
from git_replay.world import World, make_world
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PACK_FILE = Path(__file__).parent / "pack" / "pack.yaml"
EXAMPLES = """examples:
  replay.py --repo . --server http://127.0.0.1:8000 --email mira@example.org --password '…'
  replay.py --input datasette-history.jsonl.gz --server … --email … --password … --limit 300 --json
  replay.py --repo . --server … --email … --password … --world 0199…      # go on after an interruption
"""


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--repo", type=Path, metavar="DIR", help="a git repository: all that HEAD descends from")
    source.add_argument("--input", type=Path, metavar="FILE", help="a history as JSON lines (.jsonl or .jsonl.gz)")
    parser.add_argument("--server", required=True, metavar="URL", help="such as http://127.0.0.1:8000")
    parser.add_argument("--email", required=True, help="the account to act as; it is registered if it does not exist")
    parser.add_argument("--password", default=os.environ.get("REALITY_PASSWORD"), help="or in REALITY_PASSWORD")
    parser.add_argument("--world", metavar="ID", help="go on in this world, where an earlier replay has stopped")
    parser.add_argument("--title", help="of the new world; by default the name of the repository or file")
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N commits")
    parser.add_argument("--look-back", type=_positive, metavar="N", help="ask N times what was there after a commit")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    found = parser.parse_args(words)
    if not found.password:
        parser.error("--password is needed, or REALITY_PASSWORD")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Replay, and return the exit status: 0 if all arrived, 1 if not."""
    told = arguments(words)
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        return _run(told, console)
    except (HistoryError, ServerError) as error:
        console.print(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. The same command with --world and the id above goes on from here.")
        return 130


def _run(told: argparse.Namespace, console: Console) -> int:
    history = Beginning(Repository.at(told.repo) if told.repo else HistoryFile(told.input), told.limit)
    expected = Totals.of(history.commits())  # reads all of it, so that a broken history changes nothing
    with httpx2.Client(base_url=f"{told.server.rstrip('/')}/api/v1", timeout=60) as client:
        server = Server(client, told.email, told.password)
        server.sign_in()
        key = told.world or make_world(
            server, PACK_FILE.read_text(encoding="utf-8"), fitted(told.title or history.title, 200)
        )
        world = World.found(server, key)
        console.print(f"World {key}" + (f", which has come to commit {world.last}" if told.world else ""))
        run = _replay(history, expected, world, console)
        found = world.totals()
        different = [*differences(expected, found), *_looked_back(told.look_back, history, world, console)]
    console.print(verdict(different, found))
    print(json.dumps(as_data(key, found, run)) if told.json else as_text(key, found, run))
    return 1 if different else 0


def _replay(history: History, expected: Totals, world: World, console: Console) -> Run:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("commits", total=expected.commits)
        return replay(history, expected, world, lambda: progress.advance(task))


def _looked_back(many: int | None, history: History, world: World, console: Console) -> list[str]:
    """Return what was otherwise than the history says, as of earlier commits; says how often it was asked."""
    if many is None:
        return []
    looks = list(look_back(history, world, many))
    different = [look for look in looks if look is not None]
    console.print(f"{len(looks) - len(different)} of {len(looks)} looks back agree with the source up to there.")
    return different


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("it must be a whole number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
