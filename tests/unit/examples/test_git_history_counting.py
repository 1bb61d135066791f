from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import httpx2
import pytest
import replay as program
from git_replay.history import Change, Commit
from git_replay.parts import FILES, parts
from git_replay.replaying import replay
from git_replay.server import Server, ServerError
from git_replay.summary import verdict
from git_replay.totals import Tally, Totals, differences
from git_replay.world import World, make_world
from hypothesis import given, settings
from hypothesis import strategies as st

from reality_engine.rules.decision import Refused
from tests.unit.examples.world_in_memory import PACK_FILE, FakeServer, failure

NAMES = st.sampled_from(["Mira", "Tam", "", "ü", "x" * 600, "\udce9", "{me}"])
LINES = st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99))

PASSWORD = "correct horse battery"


@st.composite
def histories(draw: st.DrawFn) -> list[Commit]:
    found = []
    for number in sorted(draw(st.sets(st.integers(1, 50), max_size=8))):
        files = draw(st.dictionaries(NAMES, LINES, max_size=5))
        changes = tuple(Change(path, *(lines or (None, None))) for path, lines in files.items())
        subject = draw(st.sampled_from(["", "{0} fix", "y" * 10_001]))
        found.append(Commit(number, "2017-10-23T00:39:03Z", draw(NAMES), draw(st.booleans()), subject, changes))
    return found


@dataclass
class Listed:
    listed: list[Commit]
    title: str = "Harbor"

    def commits(self) -> Iterator[Commit]:
        return iter(self.listed)


@dataclass
class Stage:
    server: FakeServer = field(default_factory=FakeServer)
    pauses: list[float] = field(default_factory=list)

    def sign_in(self, password: str = PASSWORD) -> Server:
        client = httpx2.Client(transport=httpx2.MockTransport(self.server), base_url="http://test/api/v1")
        found = Server(client, "mira@example.org", password, pause=self.pauses.append)
        found.sign_in()
        return found

    def new_world(self) -> World:
        signed_in = self.sign_in()
        return World.found(signed_in, make_world(signed_in, PACK_FILE.read_text(encoding="utf-8"), "Harbor"))


def big(files: int, number: int = 1, path: str = "f") -> Commit:
    return Commit(
        number,
        None,
        "Mira",
        merge=False,
        subject="big",
        changes=tuple(Change(f"{path}{i}", 1, 2) for i in range(files)),
    )


def run(history: list[Commit], world: World) -> int:
    return replay(Listed(history), Totals.of(history), world, lambda: None).actions


@settings(max_examples=30)
@given(histories())
def test_everything_arrives(history: list[Commit]) -> None:
    world = Stage().new_world()
    expected = Totals.of(history)
    assert run(history, world) == len(history) + len(expected.people)
    assert list(differences(expected, world.totals())) == []


@pytest.mark.parametrize(("files", "count"), [(0, 1), (1, 1), (FILES, 1), (FILES + 1, 2), (2 * FILES + 1, 3)])
def test_a_large_commit_comes_in_parts_and_counts_once(files: int, count: int) -> None:
    commit = big(files)
    told = parts(commit)
    assert [(one["part"], one["parts"]) for one in told] == [(i + 1, count) for i in range(count)]
    assert [file["path"] for file in chain(*(one["files"] for one in told))] == [one.path for one in commit.changes]
    world = Stage().new_world()
    assert run([commit], world) == count + 1
    assert list(differences(Totals.of([commit]), world.totals())) == []


def test_parts_stay_below_the_size_of_a_body() -> None:
    told = parts(big(1_000, path="\N{FACE WITH TEARS OF JOY}" * 490))
    assert len(told) > 2
    assert all(len(httpx2.Request("POST", "http://test", json=one).content) < 600_000 for one in told)


def test_a_binary_change_counts_without_lines() -> None:
    totals = Totals.of([Commit(1, None, "Mira", merge=True, subject="", changes=(Change("p", None, None),))])
    assert (totals.merges, totals.files["p"], totals.pairs["Mira", "p"]) == (1, Tally(1), Tally(1))


def test_differences_are_told_one_by_one() -> None:
    mine, other = Totals.of([big(1)]), Totals.of([])
    found = list(differences(mine, other))
    assert "commits: expected 1, found 0" in found
    assert "file 'f0': expected 1 changes, +1 -2 lines, found nothing" in found
    assert "person and file ('Mira', 'f0'): expected 1 changes, +1 -2 lines, found nothing" in found
    assert verdict(found * 9, other).endswith("more")
    assert verdict([], mine) == "All 1 files and 1 people and 1 pairs of both agree with the source."


def test_an_interrupted_replay_goes_on_where_it_stopped() -> None:
    stage, history = Stage(), [big(2), big(FILES * 2 + 1, 2), big(1, 3)]
    world = stage.new_world()
    world.meet(["Mira"])
    for told in [*parts(history[0]), *parts(history[1])[:2]]:
        world.commit("Mira", None, told)
    again = World.found(stage.sign_in(), world.id)
    assert (again.last, again.part) == (2, 2)
    assert run(history, again) == 2
    assert list(differences(Totals.of(history), again.totals())) == []


def test_lost_answers_and_expired_tokens_change_nothing() -> None:
    stage, history = Stage(), [big(3, number) for number in range(1, 30)]
    world = stage.new_world()

    def trouble(number: int) -> httpx2.Response | None:
        if number % 11 == 0:
            stage.server.token += 1  # every token that is out becomes worthless
        if number % 3 == 0:
            raise httpx2.ReadError("the line went dead")
        return failure(503, "unavailable") if number % 7 == 0 else None

    stage.server.trouble = trouble
    run(history, world)
    stage.server.trouble = FakeServer().trouble
    assert list(differences(Totals.of(history), world.totals())) == []
    assert stage.pauses


def test_patience_ends() -> None:
    stage = Stage()
    world = stage.new_world()

    def dead(_: int) -> httpx2.Response | None:
        raise httpx2.ConnectError("refused")

    stage.server.trouble = dead
    with pytest.raises(ServerError, match="cannot be reached: refused"):
        world.meet(["Mira"])
    assert 60 <= sum(stage.pauses) < 70


def test_the_server_says_how_long_to_wait() -> None:
    stage = Stage()
    answers = iter([httpx2.Response(429, headers={"Retry-After": "7"})])
    stage.server.trouble = lambda _: next(answers, None)
    stage.sign_in()
    assert stage.pauses == [7.0]


def test_an_account_is_registered_once_and_then_logged_in_to() -> None:
    stage = Stage()
    stage.sign_in()
    stage.sign_in()
    assert stage.server.requests.count("/auth/register") == 1
    with pytest.raises(ServerError, match="another password") as caught:
        stage.sign_in("wrong")
    assert caught.value.code == "bad_credentials"


def test_an_answer_that_is_no_envelope_is_told() -> None:
    stage = Stage()
    stage.server.trouble = lambda _: httpx2.Response(200, text="<html>")
    with pytest.raises(ServerError, match="is no Reality Engine"):
        stage.sign_in()


@pytest.mark.parametrize("address", ["nonsense", "ftp://test", "http://[", "http://127.0.0.1:1"])
def test_a_wrong_address_is_told_soon(address: str) -> None:
    pauses: list[float] = []
    with (
        pytest.raises(ServerError, match="cannot be reached"),
        httpx2.Client(base_url=f"{address}/api/v1") as client,
    ):
        Server(client, "mira@example.org", PASSWORD, pause=pauses.append).sign_in()
    assert sum(pauses) < 5


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"n": 2}, "The history has come to commit 2 already"),
        ({"n": 3, "part": 2, "parts": 2}, "Part 2 of commit 3 is not what comes next"),
        ({"n": 2, "part": 3, "parts": 3}, "Part 3 of commit 2 is not what comes next"),
        ({"n": 2, "part": 2}, "Commit 2 has only 1 parts"),
    ],
)
def test_the_pack_refuses_what_is_not_next(told: dict[str, int], said: str) -> None:
    stage = Stage()
    world = stage.new_world()
    run([big(1, 2)], world)
    decision = stage.server.world.act(
        "commit", actor=world.people["Mira"], target=world.repository, input={**told, "files": []}
    )
    assert isinstance(decision, Refused)
    assert (decision.code, decision.message) == ("requirement_failed", said)


def test_a_refusal_says_which_commit_it_was() -> None:
    world = Stage().new_world()
    world.meet(["Mira"])
    with pytest.raises(ServerError, match=r"^commit:7:2: Part 2 of commit 7 is not what comes next"):
        world.commit("Mira", None, {**parts(big(1, 7))[0], "part": 2, "parts": 2})


def test_the_time_of_a_commit_is_kept_and_may_be_missing() -> None:
    stage = Stage()
    world = stage.new_world()
    run([Commit(1, "1969-12-31T23:59:59Z", "Mira", merge=False, subject=""), big(1, 2)], world)
    assert stage.server.world.occurred[-2:] == ["1969-12-31T23:59:59.000000Z", None]


def test_a_world_of_another_pack_is_told() -> None:
    with pytest.raises(ServerError, match="has no history to go on with"):
        World.found(Stage().sign_in(), "w2")


ACCOUNT = ["--server", "http://test", "--email", "m@example.org"]


@pytest.mark.parametrize(
    "words",
    [
        ["--password", "x"],
        ["--password", "x", "--repo", ".", "--input", "x"],
        ["--password", "x", "--repo", ".", "--limit", "0"],
        ["--repo", "."],
    ],
)
def test_a_wrong_command_line_is_told(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REALITY_PASSWORD", raising=False)
    with pytest.raises(SystemExit) as caught:
        program.main([*ACCOUNT, *words])
    assert caught.value.code == 2


def test_a_history_that_cannot_be_read_reaches_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main([*ACCOUNT, "--password", "x", "--input", str(tmp_path / "none.jsonl")]) == 1
    assert "cannot be read" in capsys.readouterr().err
