"""What tables share: base, types, engine, unit of work and the two dialects; not the tables of any feature."""
