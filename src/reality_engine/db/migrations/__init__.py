"""The history of the schema, as Alembic runs it; not to be imported."""
