"""The commands of `reality`, and how their errors end; not what a command does."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from reality_engine.app.cli.loading import Commands
from reality_engine.app.cli.output import complain
from reality_engine.app.version import VERSION
from reality_engine.kernel.errors import ProblemsError, RealityError
from reality_engine.packs.problems import PackError

cli = typer.Typer(
    name="reality",
    cls=Commands,
    help="Reality Engine: shared worlds under rules. Settings come from REALITY_… and .env; see .env.example.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reality {VERSION}")
        raise typer.Exit


@cli.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Take what comes before the command."""


def run_command(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process: 0 done, 1 refused, failed or interrupted, 2 wrongly called."""
    try:
        cli(args=arguments)
    except RealityError as error:
        _tell(error)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(0)


def _tell(error: RealityError) -> None:
    if isinstance(error, PackError):
        typer.echo(str(error), err=True)  # each mistake has its place
        return
    problems = error.problems if isinstance(error, ProblemsError) and error.problems else (error,)
    for problem in problems:
        complain(problem.message, problem.hint)
