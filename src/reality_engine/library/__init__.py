"""The server's shelf of packs over HTTP: who may upload, check, list and read them; above `packs` and `accounts`."""
