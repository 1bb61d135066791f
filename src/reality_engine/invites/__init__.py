"""Invites to worlds over HTTP, by tokens that are stored nowhere; underneath they are entities and actions."""
