"""Measures the product as it is served, beside a bare endpoint in the same run; not part of the product."""
