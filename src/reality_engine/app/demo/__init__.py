"""What `reality demo` shows: packs, users and a short evening that has been played; not the server."""
