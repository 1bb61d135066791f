"""Writes what a proof has come to, for programs and for people; not the proof."""

from reality_engine.app.proving.proof import Proved
from reality_engine.app.proving.story import Line, Story
from reality_engine.kernel.json import Plain


def as_json(proved: Proved, story: Story | None) -> dict[str, Plain]:
    """Return it for programs."""
    tally = proved.tally
    report: dict[str, Plain] = {
        "pack": proved.pack.name, "version": proved.pack.version, "digest": proved.pack.digest, "seed": proved.seed,
        "leaks": story is not None, "cases": tally.cases, "pairs": tally.pairs, "requests": tally.requests,
        "hidden_beside": dict(tally.beside), "set_aside": dict(tally.outcomes), "seconds": round(proved.seconds, 1),
    }  # fmt: skip
    if story is not None:
        report["counter_example"] = {
            "viewer": story.viewer, "steps": [_line(line) for line in story.lines], "asked": story.asked,
            "differences": [_line(line) for line in story.differences], "by": story.blame, "place": story.place,
        }  # fmt: skip
    return report


def as_markdown(proved: Proved, story: Story | None) -> str:
    """Return it for people."""
    tally, pack = proved.tally, proved.pack
    tried = (
        f"{counted(tally.cases, 'case')} in {counted(tally.pairs, 'pair')} of worlds, {tally.requests} requests to "
        f"each; seed `{proved.seed}`, {proved.seconds:.0f} s. Pack digest `{pack.digest}`."
    )
    lines = [
        f"# {pack.name} {pack.version}: {'a leak' if story else 'no leak found'}",
        "",
        tried,
        "",
        "| hidden data that differed, beside the answers | cases |",
        "|---|---|",
        *(f"| {what} | {count} |" for what, count in sorted(tally.beside.items())),
    ]
    return "\n".join([*lines, *(_told(story) if story else [])]) + "\n"


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _told(story: Story) -> list[str]:
    rows = [f"| {index} | {_cell(line.a)} | {_cell(line.b)} |" for index, line in enumerate(story.lines, 1)]
    return [
        "",
        f"## What {story.viewer} can tell, and should not",
        "",
        "| | world A | world B |",
        "|---|---|---|",
        *rows,
        f"| {len(rows) + 1} | {_cell(story.asked)} | the same |",
        *(f"| answer | {_cell(line.a)} | {_cell(line.b)} |" for line in story.differences),
        "",
        f"It comes from {story.blame}{f' at `{story.place}`' if story.place else ''}.",
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _line(line: Line) -> Plain:
    return {"a": line.a, "b": line.b}
