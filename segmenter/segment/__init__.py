"""Segmentations: fit, assign, profile, explain."""
