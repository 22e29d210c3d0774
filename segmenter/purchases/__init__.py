"""Purchase lines to a table of customers."""
