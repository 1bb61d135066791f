"""Brings state, facets, audiences and refs up to date with events, and rebuilds them; it decides nothing."""
