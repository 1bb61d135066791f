"""What routes share: envelope, errors, paging, cursors, limits; no route of its own."""
