"""The second factor: codes out of an authenticator and codes for its loss; not passwords, and not who asks for it."""
