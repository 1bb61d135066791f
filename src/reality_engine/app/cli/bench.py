"""`reality bench`: runs the measurement of a checkout; measures nothing itself, and is no part of what is installed."""

import runpy
import sys
from pathlib import Path
from typing import Final

import typer

from reality_engine.kernel.errors import UnavailableError

CHECKOUT: Final = Path(__file__).parents[4]


def bench(context: typer.Context) -> None:
    """Measure actions and reads beside a bare endpoint, from a checkout of the source.

    Takes the options of `python -m bench`: --quick, --full, --json FILE, --docs and more; --help tells them.

    For example:

        reality bench --quick
        reality bench --json figures.json
    """
    if not (CHECKOUT / "bench" / "__main__.py").is_file():
        message = "the bench is not installed with the product, only kept beside its source"
        raise UnavailableError(message, hint="in a checkout, run: make bench")
    sys.path.insert(0, str(CHECKOUT))
    sys.argv = ["reality bench", *context.args]
    runpy.run_module("bench", run_name="__main__", alter_sys=False)
