"""All tables of the product, for migrations and their checks; not a table."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

import reality_engine
from reality_engine.db.base import Base


def all_tables() -> MetaData:
    """Import every package's `models` and return the metadata that they fill."""
    for package in pkgutil.iter_modules(reality_engine.__path__, "reality_engine."):
        models = f"{package.name}.models"
        if package.ispkg and find_spec(models) is not None:
            import_module(models)
    return Base.metadata
