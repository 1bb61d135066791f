"""The keys that tokens are signed with, and signing and reading by them; not what a token says."""
