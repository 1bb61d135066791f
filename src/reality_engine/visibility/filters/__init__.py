"""Filters of lists: CEL over what a viewer may see, as SQL and as a check in memory; not who sees what."""
