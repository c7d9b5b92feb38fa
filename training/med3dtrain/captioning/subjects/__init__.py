"""Which volumes and slices are described, and with which label maps."""
