"""The database: tables' base, column types, engines, the unit of work and migrations; not the tables themselves."""
