"""`reality check`: the mistakes of packs on disk; not the checks."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.cli.output import done, err
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import load_pack
from reality_engine.packs.problems import PackError, PackProblem


class Format(StrEnum):
    """How mistakes are written."""

    TEXT = "text"
    JSON = "json"


PackPaths = Annotated[list[Path], typer.Argument(help="A pack's folder, or its one file; several may be given.")]


def check(
    paths: PackPaths,
    form: Annotated[Format, typer.Option("--format", help="`json` is for editors.")] = Format.TEXT,
) -> None:
    """Tell every mistake in packs, each with its place and what to do; exit status 1 if there is any.

    For example:

    ```console
    reality check packs/harbor
    reality check my-pack.yaml --format json
    ```
    """
    found = [_checked(path) for path in paths]
    problems = [problem for one in found if isinstance(one, PackError) for problem in one.problems]
    if form is Format.JSON:
        typer.echo(json.dumps({"problems": [problem.as_json() for problem in problems]}, ensure_ascii=False, indent=2))
    else:
        _write(found, problems)
    if problems:
        raise typer.Exit(1)


def _checked(path: Path) -> CompiledPack | PackError:
    try:
        return load_pack(path)
    except PackError as error:
        return error


def _write(found: list[CompiledPack | PackError], problems: list[PackProblem]) -> None:
    for one in found:
        if isinstance(one, PackError):
            typer.echo(str(one))
        else:
            done(f"{one.name} {one.version}: no mistakes")
    if problems:
        err.print(f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}", style="bold red")
