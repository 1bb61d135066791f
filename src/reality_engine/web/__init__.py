"""What routes share: the envelope, errors, paging, cursors, limits; not a route of its own."""
