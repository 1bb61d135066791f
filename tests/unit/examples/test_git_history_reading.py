import gzip
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from git_replay.git_log import Repository, moment, parsed, tokens
from git_replay.history import Beginning, Change, HistoryError
from git_replay.interchange import HistoryFile
from git_replay.names import fitted

LINE: dict[str, Any] = {"n": 1, "at": "2017-10-23T00:39:03Z", "by": "dev", "merge": False, "subject": "", "files": []}


def git(folder: Path, *words: str, **environment: str) -> str:
    names = {
        "GIT_AUTHOR_NAME": "Zoë",
        "GIT_AUTHOR_EMAIL": "z@x",
        "GIT_COMMITTER_NAME": "C",
        "GIT_COMMITTER_EMAIL": "c@x",
    }
    settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **names, **environment}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace", env=settings).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "a b.txt").write_text("one\ntwo\n")
    (folder / "pic").write_bytes(b"\0\1")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first\n\nbody", GIT_AUTHOR_DATE="2017-10-23T02:39:03+02:00")
    return folder


def test_a_commit_is_read_with_its_lines_and_binary_files(repository: Path) -> None:
    (commit,) = Repository.at(repository).commits()
    assert (commit.n, commit.at, commit.by, commit.merge) == (1, "2017-10-23T00:39:03Z", "Zoë", False)
    assert commit.subject == "first"
    assert commit.changes == (Change("a b.txt", 2, 0), Change("pic", None, None))


def test_a_rename_is_a_file_gone_and_a_file_come_whatever_the_user_has_set(repository: Path) -> None:
    git(repository, "config", "diff.renames", "copies")
    git(repository, "mv", "a b.txt", "ü\n\tc.txt")
    git(repository, "commit", "-qm", "moved")
    *_, commit = Repository.at(repository).commits()
    assert commit.changes == (Change("a b.txt", 0, 2), Change("ü\n\tc.txt", 2, 0))


def test_merges_and_empty_commits_have_no_changes_of_their_own(repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
    git(repository, "checkout", "-qb", "side", "HEAD~1")
    (repository / "c").write_text("c\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "side")
    git(repository, "merge", "-q", "--no-edit", "main")
    found = list(Repository.at(repository).commits())
    assert [commit.n for commit in found] == [1, 2, 3, 4]
    assert [commit.merge for commit in found] == [False, False, False, True]
    assert sorted(len(commit.changes) for commit in found) == [0, 0, 1, 2]


def test_names_that_are_not_utf8_are_read_and_can_be_shown(repository: Path) -> None:
    with open(os.fsencode(repository) + b"/caf\xe9", "w", encoding="ascii") as file:  # noqa: PTH123 - a path of bytes
        file.write("x\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "latin")
    *_, commit = Repository.at(repository).commits()
    path = commit.changes[0].path
    assert os.fsencode(path) == b"caf\xe9"
    assert fitted(path).startswith("caf\N{REPLACEMENT CHARACTER} #")


def test_text_that_looks_like_a_line_of_numbers_is_still_a_subject(repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "1\t2\tnot a file")
    *_, commit = Repository.at(repository).commits()
    assert (commit.subject, commit.changes) == ("1\t2\tnot a file", ())


def test_the_history_stays_the_same_while_the_repository_moves_on(repository: Path) -> None:
    history = Repository.at(repository)
    git(repository, "commit", "-q", "--allow-empty", "-m", "later")
    assert len(list(history.commits())) == 1


def test_a_reader_may_stop_early(repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    history = Repository.at(repository)
    assert [commit.n for commit in Beginning(history, 1).commits()] == [1]
    assert Beginning(history, None).title == "repo"


@pytest.mark.parametrize("empty", [True, False])
def test_a_folder_without_commits_is_told(tmp_path: Path, empty: bool) -> None:
    if empty:
        git(tmp_path, "init", "-q")
    with pytest.raises(HistoryError, match="has no history to replay"):
        Repository.at(tmp_path if empty else tmp_path / "missing")


def test_tokens_are_put_together_across_reads() -> None:
    assert list(tokens(io.BytesIO(b"ab\0\0c\0d"), size=2)) == ["ab", "", "c", "d"]


def test_cut_off_output_is_read_as_far_as_it_goes() -> None:
    assert [commit.by for commit in parsed(iter(["sha", "0", "Mira"]))] == ["Mira"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [("0", "1970-01-01T00:00:00Z"), ("-86400", "1969-12-31T00:00:00Z"), ("", None), (str(2**64 - 1), None)],
)
def test_times_beyond_the_calendar_are_none(seconds: str, text: str | None) -> None:
    assert moment(seconds) == text


@pytest.mark.parametrize("name", ["h.jsonl", "h.jsonl.gz"])
def test_a_file_is_read_compressed_or_not(tmp_path: Path, name: str) -> None:
    lines = json.dumps({**LINE, "files": [["a", 1, 0], ["b", None, None]]}) + "\n" + json.dumps({**LINE, "n": 5}) + "\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(lines.encode()) if name.endswith("gz") else lines.encode())
    first, second = HistoryFile(path).commits()
    assert first.changes == (Change("a", 1, 0), Change("b", None, None))
    assert (second.n, HistoryFile(path).title) == (5, "h")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{}",
        "[]",
        "{",
        *(json.dumps({**LINE, **wrong}) for wrong in (
            {"n": 1}, {"n": "3"}, {"n": True}, {"n": 0}, {"by": None}, {"at": 5}, {"merge": 0}, {"subject": None},
            {"files": None}, {"files": [["a", 1]]}, {"files": [["a", -1, 0]]}, {"files": [["a", "1", 0]]},
            {"files": [[None, 1, 0]]}, {"files": [7]},
        )),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text(f"{json.dumps(LINE)}\n{line}\n")
    with pytest.raises(HistoryError, match=r"h\.jsonl, line 2: "):
        list(HistoryFile(path).commits())


@pytest.mark.parametrize("content", [None, b"\xff\n", b"\x1f\x8bbroken"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / ("h.jsonl.gz" if content and content[:1] == b"\x1f" else "h.jsonl")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HistoryError, match="cannot be read"):
        list(HistoryFile(path).commits())


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert fitted("ü" * 500) == "ü" * 500
    assert fitted("") == ""


@pytest.mark.parametrize("name", ["x" * 501, "a\udce9", "a\0", "\ud83d"])
def test_a_name_that_does_not_fit_is_shortened_and_stays_different(name: str) -> None:
    shown = fitted(name)
    assert len(shown) <= 500
    assert shown.encode()
    assert "\0" not in shown
    assert shown == fitted(name)
    assert shown != fitted(name + "\0")
