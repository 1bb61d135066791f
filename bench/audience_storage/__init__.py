"""Measures two ways to store audiences, for the decision record about it; uses nothing of the product's own code."""
