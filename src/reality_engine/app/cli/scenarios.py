"""`reality test`: the tests that packs carry, run and shown; not how a test is run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.cli.output import complain, err, out
from reality_engine.app.cli.packs import Format
from reality_engine.scenarios.outcome import Outcome
from reality_engine.scenarios.runner import run_tests

PackPaths = Annotated[
    list[Path], typer.Argument(help="A pack's folder, or one file in its `tests`; several may be given.")
]


def run_scenarios(
    paths: PackPaths,
    form: Annotated[Format, typer.Option("--format", help="`json` is for programs.")] = Format.TEXT,
) -> None:
    """Run the tests of packs, on worlds in memory; exit status 1 where one fails, or where there is none.

    For example:

    ```console
    reality test packs/harbor
    reality test packs/harbor/tests/evening.yaml
    ```
    """
    outcomes = [outcome for path in paths for outcome in run_tests(path)]
    failed = sum(not outcome.passed for outcome in outcomes)
    if form is Format.JSON:
        typer.echo(json.dumps({"tests": [asdict(one) for one in outcomes]}, ensure_ascii=False, indent=2))
    else:
        _write(outcomes, failed)
    if failed or not outcomes:
        raise typer.Exit(1)


def _write(outcomes: list[Outcome], failed: int) -> None:
    counted = "1 test" if len(outcomes) == 1 else f"{len(outcomes)} tests"
    for outcome in outcomes:
        out.print("[green]✓[/]" if outcome.passed else "[red]✗[/]", end=" ")
        out.print(f"{outcome.file}:{outcome.line}: {outcome.name}", markup=False)
        for line in outcome.message.splitlines():
            out.print(f"    {line}", markup=False)
    if not outcomes:
        complain("there are no tests here", "they stand in tests/*.yaml beside pack.yaml")
    elif failed:
        err.print(f"{failed} of {counted} failed", style="bold red")
    else:
        out.print(f"{counted} passed", style="bold green")
