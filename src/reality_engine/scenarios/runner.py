"""Runs the tests of a pack; touches the file system, and shows nothing."""

from collections.abc import Iterator
from pathlib import Path

from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import load_pack, read_files
from reality_engine.packs.problems import PackError
from reality_engine.packs.source import Source, Spot, Steps
from reality_engine.scenarios.definitions import ScenarioDefinition, ScenariosDefinition, Step, Then
from reality_engine.scenarios.judging import failures
from reality_engine.scenarios.outcome import FailureError, Outcome
from reality_engine.scenarios.reading import read_tests
from reality_engine.scenarios.stage import Stage, clock_of

_EXPECTED = Then()


def run_tests(path: Path) -> list[Outcome]:
    """Run the tests of a pack's directory, or one file of them (`PACK/tests/x.yaml`).

    Raises PackError where the pack itself has mistakes; a file of tests that has some is an outcome that failed.
    """
    one = path.is_file() and path.parent.name == "tests"
    root = path.parent.parent if one else path
    pack, files = load_pack(root), read_files(root)
    chosen = {name: text for name, text in files.items() if name.startswith("tests/")}
    if one:
        chosen = {name: text for name, text in chosen.items() if name == f"tests/{path.name}"}
    return [outcome for name, text in chosen.items() for outcome in run_file(pack, str(root / name), text)]


def run_file(pack: CompiledPack, file: str, text: str) -> Iterator[Outcome]:
    """Run the tests of one file."""
    try:
        definition, source = read_tests(file, text)
    except PackError as error:
        for problem in error.problems:
            yield Outcome("the file can be read", file, problem.place.line, passed=False, message=str(problem))
        return
    for name, test in definition.tests.items():
        yield _run_test(pack, definition, name, test, source)


def _run_test(
    pack: CompiledPack, definition: ScenariosDefinition, name: str, test: ScenarioDefinition, source: Source
) -> Outcome:
    found: list[tuple[Steps, str]] = []
    try:
        stage = Stage(pack, clock_of(definition.given))
        stage.found(definition.given)
        found += _play(stage, definition.given.steps, ("given", "steps"))
        if not found:
            found += _play(stage, test.when, ("tests", name, "when"), test.then, ("tests", name, "then"))
    except FailureError as failure:
        found.append((failure.steps, failure.message))
    lines = []
    for steps, message in found:
        place = (Spot(source, steps)).key
        lines.append((place.line, f"{place}: {message}"))
    line = min(lines)[0] if lines else Spot(source, ("tests", name)).key.line
    return Outcome(name, source.file, line, passed=not lines, message="\n".join(told for _, told in lines))


def _play(
    stage: Stage, steps: list[Step], at: Steps, last: Then | None = None, last_at: Steps = ()
) -> list[tuple[Steps, str]]:
    """Perform steps in order; the first one that fails is the last one that is tried."""
    for index, step in enumerate(steps):
        expected = [(step.then or _EXPECTED, (*at, index, "then") if step.then else (*at, index))]
        if last is not None and index == len(steps) - 1:
            expected = [(last, last_at), *([expected[0]] if step.then else [])]
        try:
            decision = stage.perform(step)
        except FailureError as failure:
            return [((*at, index, *failure.steps), failure.message)]
        found = [
            ((*where, *each.steps), each.message)
            for then, where in expected
            for each in failures(stage, step, then, decision)
        ]
        if found:
            return found
    return []
