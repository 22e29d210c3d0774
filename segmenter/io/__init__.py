"""Reading files, storing models and writing results."""
