"""What the command `reality` starts with, before anything else is loaded; not the commands."""

import signal
from importlib import import_module


def main() -> None:
    """Load the commands and run the one that was asked for; raises SystemExit.

    Loading takes a second or two. Ctrl-C ends it at once, where Python would tell at length what it was importing.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # who starts us in the background may have it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    commands = import_module("reality_engine.app.cli.commands")
    signal.signal(signal.SIGINT, handler)
    commands.run_command()
