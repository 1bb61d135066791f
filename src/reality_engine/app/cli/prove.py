"""`reality prove`: tries whether a pack tells anybody what they may not see, and shows how; not the trying."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from reality_engine.app.cli.output import complain, done, err, note, out
from reality_engine.app.logging import configure_logging
from reality_engine.app.proving.house import opened
from reality_engine.app.proving.pairs import Tally
from reality_engine.app.proving.proof import Bounds, Proved, prove
from reality_engine.app.proving.report import as_json, as_markdown, counted
from reality_engine.app.proving.story import Line, Story, story_of
from reality_engine.app.settings import Settings
from reality_engine.db import migrate
from reality_engine.packs.loader import MAIN, load_pack, read_files

SECONDS: Final = 60.0


def prove_pack(
    path: Annotated[Path, typer.Argument(metavar="PACK", help="A pack's folder, or its one file.")],
    cases: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many cases; otherwise after about a minute.")
    ] = None,
    seed: Annotated[str, typer.Option(help="Another seed tries other worlds; the same one the same.")] = "1",
    report: Annotated[
        Path | None, typer.Option(help="Write what came of it to this file: JSON for .json, else Markdown.")
    ] = None,
) -> None:
    """Try whether a pack tells anybody what they may not see; exit status 1 and the shortest story if it does.

    Makes pairs of worlds that differ only in what is hidden from somebody, lets them look, list, search and act in
    both, and compares every byte of the answers. Worlds are made in a database that is thrown away.

    For example:

    ```console
    reality prove packs/harbor
    reality prove my-pack.yaml --cases 2000 --seed 7 --report proof.md
    ```
    """
    load_pack(path)
    files, shown = read_files(path), str(path if path.is_file() else path / MAIN)
    bounds = Bounds(cases, None if cases is not None else SECONDS)
    with tempfile.TemporaryDirectory(prefix="reality-prove-") as folder:
        url = f"sqlite:///{folder}/worlds.db"
        configure_logging(Settings(_env_file=None, log_level="error"))
        migrate.upgrade(url)
        proved = _proved(url, files, seed, bounds)
    story = None if proved.leak is None else story_of(proved.leak, files, shown)
    if report is not None:
        _write(report, proved, story)
    _tell(proved, story)
    if story is not None or not proved.tally.cases:
        raise typer.Exit(1)


def _proved(url: str, files: dict[str, str], seed: str, bounds: Bounds) -> Proved:
    columns = (TextColumn("[dim]{task.description}"), BarColumn(), TextColumn("[dim]{task.fields[told]}"))
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as progress:
        task = progress.add_task("pairs of worlds", total=bounds.cases or bounds.seconds, told="")

        def tell(tally: Tally) -> None:
            passed = tally.cases if bounds.cases is not None else progress.tasks[task].elapsed or 0
            progress.update(task, completed=passed, told=counted(tally.cases, "case"))

        async def run() -> Proved:
            async with opened(url) as house:
                return await prove(house, files, seed, bounds, tell)

        return asyncio.run(run())


def _write(report: Path, proved: Proved, story: Story | None) -> None:
    if report.suffix == ".json":
        text = json.dumps(as_json(proved, story), ensure_ascii=False, indent=2) + "\n"
    else:
        text = as_markdown(proved, story)
    report.write_text(text, encoding="utf-8")
    note(f"report written to {report}")


def _tell(proved: Proved, story: Story | None) -> None:
    tally, pack = proved.tally, proved.pack
    if story is not None:
        _tell_story(story)
        again = f"seed {proved.seed}, pair {tally.pairs} of worlds"
        err.print(f"{pack.name} {pack.version} tells what it should not ({again})", style="bold red", markup=False)
        return
    if not tally.cases:
        complain("nothing was tried", "in no pair of worlds did anything hidden differ that somebody was beside")
        return
    done(f"{pack.name} {pack.version}: no leak in {counted(tally.cases, 'case')}")
    out.print(
        f"  {counted(tally.pairs, 'pair')} of worlds, {counted(tally.requests, 'request')} to each, "
        f"{proved.seconds:.0f} s, seed {proved.seed}", markup=False,
    )  # fmt: skip
    out.print("  what was hidden, and differed, beside the answers:")
    for what, count in sorted(tally.beside.items(), key=lambda one: -one[1]):
        out.print(f"    {count:>7,}  {what}", markup=False)
    aside = {"disclosed": "told by a rule that declares it", "opened": "came to be seen, as the pack says"}
    for what, meaning in aside.items():
        if tally.outcomes.get(what):
            out.print(f"  set aside: {counted(tally.outcomes[what], 'difference')} {meaning}", markup=False)


def _tell_story(story: Story) -> None:
    out.print(f"[red]✗[/] [bold]{story.viewer} can tell these two worlds apart[/], by what they may not see\n")
    table = Table(show_edge=False, box=None, padding=(0, 2, 0, 0), header_style="bold", expand=False)
    table.add_column("", justify="right", style="dim")
    table.add_column("World A", overflow="fold", ratio=1)
    table.add_column("World B", overflow="fold", ratio=1)
    for index, line in enumerate(story.lines, 1):
        _row(table, str(index), line)
    table.add_row(str(len(story.lines) + 1), Text(story.asked, "bold"), Text("the same", "dim"))
    table.add_row("", "", "")
    for line in story.differences:
        table.add_row("got", Text(line.a, "red"), Text(line.b, "red"))
    out.print(table)
    out.print(f"\n  It comes from [bold]{story.blame}[/]")
    if story.place:
        out.print(f"  {story.place}", markup=False, style="cyan")
        out.print("  If that is meant, the rule can say so with `discloses`; else show less, or to fewer.", style="dim")
    out.print()


def _row(table: Table, number: str, line: Line) -> None:
    if line.same:
        table.add_row(number, Text(line.a), Text("the same", "dim"))
    else:
        table.add_row(number, Text(line.a, "yellow"), Text(line.b, "yellow"))
