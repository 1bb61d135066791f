"""Whether reading costs what is shown, and not what is there: a large world beside a small one; see `measuring`."""
