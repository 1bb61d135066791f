"""From a pack's YAML to an immutable CompiledPack, with every mistake told; not the running of it."""
