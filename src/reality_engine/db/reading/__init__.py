"""Pages that are read often: statements made once, and connections that do nothing else; not what is asked."""
