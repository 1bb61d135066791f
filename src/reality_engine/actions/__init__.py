"""perform(): the one path by which a world changes; not the rules that decide, nor the tables that keep it."""
