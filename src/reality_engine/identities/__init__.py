"""People who prove elsewhere who they are: identity providers, and whose account is whose; not our own passwords."""
