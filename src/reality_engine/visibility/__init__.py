"""Who sees what, as a check in memory and as SQL; not the reads that use it."""
