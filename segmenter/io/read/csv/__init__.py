"""Text files of separated values."""
