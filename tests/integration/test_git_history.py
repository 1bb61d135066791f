import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.processes import serving

PROGRAM: Final = Path(__file__).parents[2] / "examples/git_history/replay.py"
FIXTURE: Final = Path(__file__).with_name("datasette-history-30.jsonl")
WAIT_SECONDS: Final = 60
NOBODY: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    with serving(["serve"], tmp_path, REALITY_DATABASE_URL=database_url, REALITY_BCRYPT_ROUNDS="4") as address:
        yield address


def replay(server: str, *words: str, password: str = "correct horse battery") -> "subprocess.CompletedProcess[str]":  # noqa: S107
    account = ["--server", server, "--email", "mira@example.org", "--password", password]
    command = [sys.executable, str(PROGRAM), *account, *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=WAIT_SECONDS)


def summary(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    assert "agree with the source" in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found.pop("seconds") > 0
    assert found.pop("actions_per_second") > 0
    return found


def git(folder: Path, *words: str, author: str = "Zoë") -> str:
    names = {f"GIT_{who}_{what}": author for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **NOBODY, **names}
    command = ["git", "-C", str(folder), *words]
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
    )
    return done.stdout


def commit(folder: Path, files: dict[str, bytes], author: str = "Zoë") -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", f"{len(files)} files of {author}", author=author)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Has a binary file, a rename, a name that is not UTF-8, a merge, and a commit that comes in two parts."""
    folder = tmp_path / "small"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {"a b": b"one\ntwo\n", "pic": b"\0\1", os.fsdecode(b"caf\xe9"): b"x\n"})
    git(folder, "mv", "a b", "c")
    commit(folder, {}, "Tam")
    git(folder, "checkout", "-qb", "side")
    commit(folder, {f"f{number}": b"1\n2\n" for number in range(501)}, "Tam")
    git(folder, "checkout", "-q", "main")
    commit(folder, {"c": b"one\n"})
    git(folder, "merge", "-q", "--no-edit", "side")
    return folder


def test_a_file_replays_in_two_runs_with_equal_totals(server: str) -> None:
    commits = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
    changes = [change for commit in commits for change in commit["files"]]
    done = replay(server, "--input", str(FIXTURE), "--limit", "20", "--look-back", "40", "--json")
    begun = summary(done)
    assert begun["commits"] == 20
    assert "40 of 40 looks back agree" in done.stderr
    whole = summary(replay(server, "--input", str(FIXTURE), "--world", begun["world"], "--json"))
    assert whole == {
        "world": begun["world"],
        "commits": 30,
        "people": len({commit["by"] for commit in commits}),
        "files": len({path for path, _, _ in changes}),
        "added": sum(added or 0 for _, added, _ in changes),
        "deleted": sum(deleted or 0 for _, _, deleted in changes),
    }
    shorter = replay(server, "--input", str(FIXTURE), "--world", begun["world"], "--limit", "29")
    assert shorter.returncode == 1
    assert "commits: expected 29, found 30" in shorter.stderr


def test_a_repository_replays_with_the_totals_that_git_tells(server: str, repository: Path) -> None:
    found = summary(replay(server, "--repo", str(repository), "--json"))
    lines = git(repository, "log", "--numstat", "--no-renames", "--format=").splitlines()
    numbers = [line.split("\t") for line in lines if line]
    assert found == {
        "world": found["world"],
        "commits": int(git(repository, "rev-list", "--count", "HEAD")),
        "people": len(git(repository, "shortlog", "-s", "HEAD").splitlines()),
        "files": len({path for _, _, path in numbers}),
        "added": sum(int(added) for added, _, _ in numbers if added != "-"),
        "deleted": sum(int(deleted) for _, deleted, _ in numbers if deleted != "-"),
    }
    refused = replay(server, "--repo", str(repository), password="another one altogether")
    assert refused.returncode == 1
    assert "another password" in refused.stderr
