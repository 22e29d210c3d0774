"""Who gets what: audiences for platforms, control groups, and what came of them."""
