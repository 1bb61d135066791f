"""`reality check`: the mistakes of packs on disk, and who sees what in them; not the checks."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.cli.audit import audit_lines
from reality_engine.app.cli.output import done, err
from reality_engine.packs.flow.audit import Audit
from reality_engine.packs.loader import audit_pack
from reality_engine.packs.problems import PackError, PackProblem


class Format(StrEnum):
    """How mistakes are written."""

    TEXT = "text"
    JSON = "json"


PackPaths = Annotated[list[Path], typer.Argument(help="A pack's folder, or its one file; several may be given.")]


def check(
    paths: PackPaths,
    form: Annotated[Format, typer.Option("--format", help="`json` is for editors.")] = Format.TEXT,
    audit: Annotated[bool, typer.Option("--audit", help="Tell who sees what, and what rules disclose.")] = False,
) -> None:
    """Tell every mistake in packs, each with its place and what to do; exit status 1 if there is any.

    For example:

    ```console
    reality check packs/harbor
    reality check my-pack.yaml --format json
    reality check packs/harbor --audit
    ```
    """
    found = [_checked(path) for path in paths]
    problems = [problem for one in found if isinstance(one, PackError) for problem in one.problems]
    if form is Format.JSON:
        told: dict[str, object] = {"problems": [problem.as_json() for problem in problems]}
        if audit:
            told["audits"] = [one.as_json() for one in found if isinstance(one, Audit)]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _write(found, problems, audit=audit)
    if problems:
        raise typer.Exit(1)


def _checked(path: Path) -> Audit | PackError:
    try:
        return audit_pack(path)
    except PackError as error:
        return error


def _write(found: list[Audit | PackError], problems: list[PackProblem], *, audit: bool) -> None:
    for one in found:
        if isinstance(one, PackError):
            typer.echo(str(one))
        elif audit:
            typer.echo("\n".join(audit_lines(one)))
        else:
            done(f"{one.pack.name} {one.pack.version}: no mistakes")
    if problems:
        err.print(f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}", style="bold red")
