"""The shape of a pack's YAML as Pydantic models; not whether its names and types fit together."""
