"""This server as an OpenID provider, so that applications let people log in here; not how people prove who they are."""
