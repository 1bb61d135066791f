"""What differs between SQLite and PostgreSQL, one module each; nothing else may ask which database it is."""
