"""Bots: principals that are no people, each of them somebody's, and the keys they come with; not what they may do."""
