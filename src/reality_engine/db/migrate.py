"""Brings a database's schema up and down, and says where it differs; not what the schema is.

The functions are synchronous and may be called from anywhere, but block: under a running loop, use a thread.
"""

from collections.abc import Callable

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from reality_engine.db.dialects.dialect import Dialect, declared
from reality_engine.db.revisions import MIGRATIONS, held, in_transaction, require_whole


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction; does nothing where it is there."""
    in_transaction(url, lambda connection, dialect: _alembic(connection, dialect, command.upgrade, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision, in one transaction; `base` leaves only Alembic's own, empty."""
    in_transaction(url, lambda connection, dialect: _alembic(connection, dialect, command.downgrade, revision))


def check(url: str, metadata: MetaData) -> list[str]:
    """Return every difference between the database and the tables in `metadata`, one a line; empty when they agree."""
    return in_transaction(url, lambda connection, _: _differences(connection, metadata))


def configuration() -> Config:
    """Return Alembic's configuration, which needs no file beside the package."""
    config = Config()
    # Alembic would read % as the start of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _alembic(connection: Connection, dialect: Dialect, step: Callable[[Config, str], None], revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    require_whole(held(connection))
    dialect.before_migration(connection)
    step(config, revision)
    dialect.after_migration(connection)


def _differences(connection: Connection, metadata: MetaData) -> list[str]:
    opts = {"compare_type": True, "compare_server_default": True, "include_name": declared}
    context = MigrationContext.configure(connection, opts=opts)
    return [str(difference) for difference in compare_metadata(context, metadata)]
