"""What the command `reality` starts with, before anything else is loaded; not the commands."""

from importlib import import_module

from reality_engine.app.cli.interrupts import ends_at_once
from reality_engine.app.collector import lasting


def main() -> None:
    """Load what runs commands, and run the one that was asked for; raises SystemExit."""
    with ends_at_once(), lasting():
        commands = import_module("reality_engine.app.cli.commands")
    commands.run_command()
