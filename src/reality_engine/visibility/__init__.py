"""Who sees what, as keys, as a check in memory and as SQL; not how things come to have their audiences."""
