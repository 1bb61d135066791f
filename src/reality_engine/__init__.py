"""Reality Engine: a self-hosted backend for shared worlds under rules written in YAML; not a library of helpers."""
