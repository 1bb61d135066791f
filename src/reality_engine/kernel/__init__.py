"""The words everything else speaks (ids, clock, chance, principal, errors, JSON); not a place for behaviour."""
