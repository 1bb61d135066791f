"""Users, their passwords and their tokens; not what a user may do inside a world."""
