"""Who sees what, as keys, as a check in memory, and as the SQL that all reads go by; not how audiences come about."""
