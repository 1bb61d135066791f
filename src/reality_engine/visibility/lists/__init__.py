"""Lists of the entities that a viewer sees: filtered, in order, a page at a time; not how one is shown."""
