"""The product itself: types and functions, no screen, no files."""
