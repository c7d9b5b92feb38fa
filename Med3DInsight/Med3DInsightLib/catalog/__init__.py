"""Finding model bundles: those that are shipped, and folders the user names."""
