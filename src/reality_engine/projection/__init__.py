"""Brings state, audiences, refs and what viewers read of events up to date with the log; not what happened or why."""
