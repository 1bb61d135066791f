"""Drafts the migration that brings the newest revision to the tables there are, for a person to review.

Run it as `make migration m="give worlds a colour"`.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event

from reality_engine.app.tables import all_tables
from reality_engine.db.migrate import configuration


def main() -> int:
    """Upgrade a fresh SQLite to the newest revision, compare it with the models, write the difference."""
    parser = argparse.ArgumentParser(description="Draft a migration from the difference between models and database.")
    parser.add_argument("message", help="what it does, in a few words")
    path = draft(parser.parse_args().message)
    # Every rule but those that hold files of a person's writing: what a tool can mend is mended here.
    subprocess.run([Path(sys.executable).with_name("ruff"), "check", "--fix-only", "--quiet", path], check=True)
    subprocess.run([Path(sys.executable).with_name("ruff"), "format", "--quiet", path], check=True)
    print(f"{path}: read it, on both databases' terms; then run the migration tests")
    return 0


def draft(message: str) -> Path:
    """Write the file and return its path; its number follows the newest one's."""
    config = configuration()
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    config.attributes["metadata"] = all_tables()
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/draft.db")
        # As `db.dialects.sqlite` does: the driver's own transactions would not hold changes of the schema.
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no single file")
    return Path(script.path)


if __name__ == "__main__":
    sys.exit(main())
