"""The directory of worlds: which there are and what pack they run; not what happens inside one."""
