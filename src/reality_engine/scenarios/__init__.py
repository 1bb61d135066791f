"""Runs the tests that packs carry, over worlds in memory; not the tests of the engine."""
