"""People and how they prove who they are: users, passwords, sessions, tokens; not what they may do in a world."""
