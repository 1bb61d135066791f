"""The one write path: a wish becomes a decision, and a decision one transaction; not what the rules say."""
