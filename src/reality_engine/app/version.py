"""Which version of the product this is; not which revision its database has."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("reality-engine")
