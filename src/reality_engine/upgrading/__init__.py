"""Taking living worlds to other versions of their packs: what would happen, and having it happen; no packs."""
