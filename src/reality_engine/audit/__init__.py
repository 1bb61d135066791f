"""Who changed whose rights on this server, and when, noted where it happens; not what happens in worlds."""
