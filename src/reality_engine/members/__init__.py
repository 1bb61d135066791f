"""The people of a world over HTTP, in their own words; underneath they are entities and actions as all others."""
