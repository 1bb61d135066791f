"""Letters to people: written in the transaction that they are about, sent by a relay; not what they are about."""
