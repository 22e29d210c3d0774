"""From a core type to a figure."""
