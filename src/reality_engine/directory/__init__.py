"""Which worlds there are and which pack each runs; not what is in them."""
