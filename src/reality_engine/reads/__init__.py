"""Entities, feed and what a viewer may do: the one path by which a world is read; nothing here writes."""
