"""Measures what HTTP costs above an action, beside the bare endpoint in the same run; not part of the product."""
