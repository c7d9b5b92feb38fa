"""Volumes in files: every kind of damage is refused, and what was written is verified."""
