"""Worlds as things to create, list, look at and delete; what is in them is the matter of actions and reads."""
