"""The command line `reality`: each command in a module of its own; what a command does stands elsewhere."""
