"""Which ways to learn known segments are there? Add one here: an entry in `CLASSIFIERS`."""
