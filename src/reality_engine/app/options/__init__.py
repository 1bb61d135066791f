"""The groups that the settings consist of, each with its fields and what makes them wrong."""
