"""Managing a server over HTTP: its accounts, their roles and bans, and what was noted of all that; no worlds."""
