"""Bundles made, looked at, changed in precision, and carried from place to place."""
