"""The append-only log of each world and its hash chain; not what the events mean to anybody who looks."""
