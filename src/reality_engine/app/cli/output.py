"""How commands speak to a person: results on stdout, all else on stderr; not what they say."""

from typing import Final

from rich.console import Console

out: Final = Console(highlight=False, emoji=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def complain(message: str, hint: str | None = None) -> None:
    """Say in one line what is wrong, and what to do about it."""
    err.print("[bold red]error:[/]", end=" ")
    err.print(f"{message} ({hint})" if hint else message, markup=False)


def note(message: str) -> None:
    """Say what is going on, beside the result."""
    err.print(message, markup=False, style="dim")


def done(message: str) -> None:
    """Say what was done."""
    out.print("[green]✓[/]", end=" ")
    out.print(message, markup=False)
