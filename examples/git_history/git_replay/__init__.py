"""Brings the history of a git repository into a world over HTTP; needs nothing of the server's own code."""
