"""Looking into a world over HTTP: how what `visibility` reads is asked for and shown; it reads no table itself."""
