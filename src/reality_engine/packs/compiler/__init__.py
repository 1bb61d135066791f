"""From definitions to a CompiledPack, telling every mistake; pure, it reads no files."""
