"""Every decision of the user, and nothing computed."""
