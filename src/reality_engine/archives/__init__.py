"""Worlds as files: exports a whole world, imports one and makes sure of it first; not what happens in a world."""
