"""From a table and a recipe to the matrix in which segments are formed."""
