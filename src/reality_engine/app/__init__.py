"""The composition root: settings, wiring, HTTP application and command line; not a place for rules of its own."""
