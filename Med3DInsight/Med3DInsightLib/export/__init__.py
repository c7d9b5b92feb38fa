"""Results as files: complete or not at all."""
