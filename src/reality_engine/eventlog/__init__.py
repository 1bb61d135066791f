"""The append-only log and its hash chain; not what the events mean."""
