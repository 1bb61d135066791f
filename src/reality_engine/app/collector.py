"""Sets Python's collector of cyclic garbage: it shall not go through all that was made to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# How many more objects may come than go before the youngest are looked through. An action makes hundreds, hardly any of
# them in cycles: by the default of 700, every second action would wait for it.
_YOUNG: Final = 50_000
_OLDER: Final = 20


def spare_the_lasting() -> None:
    """Leave out of later collections what is there now: modules, classes, routes, schemas."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)


@contextmanager
def lasting() -> Iterator[None]:
    """Take what is made meanwhile for made to stay, as modules are: to look through it is a tenth of their loading."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
