"""Entities, and how events fold into them; pure, not how they are stored."""
