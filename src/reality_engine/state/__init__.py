"""Entities, how events fold into them, and the tables that hold them; not who may see them."""
