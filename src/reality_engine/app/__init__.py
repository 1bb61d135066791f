"""The composition root: settings, wiring, HTTP application and command line; it knows everything and nothing knows it."""
