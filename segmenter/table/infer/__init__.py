"""Type inference of columns, by their cells and their names."""
