"""What Ctrl-C does while something is loaded; not what it does to a command that runs."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Have Ctrl-C end the process at once, where Python would tell at length what it was importing."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # who starts us in the background may have it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
