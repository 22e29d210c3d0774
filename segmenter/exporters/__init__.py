"""From a core type to bytes."""
