"""decide(): what an action does, purely from pack, entities, input, clock and chance; not where these come from."""
