"""What became of things: the history of an entity, who gave a field its value, what differs; not past states alone."""
