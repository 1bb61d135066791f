"""Things to tell the outside, written beside the events; not their delivery."""
