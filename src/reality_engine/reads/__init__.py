"""What viewers read: entities and the feed, only ever through a scope; not what anybody may do."""
