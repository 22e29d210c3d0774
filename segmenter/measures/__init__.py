"""Numbers from arrays: how good, how stable, how many."""
