"""From bytes to a Dataset."""
