"""Things to tell the outside, written in the transaction of the events they are about; not their delivery."""
