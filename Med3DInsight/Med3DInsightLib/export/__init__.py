"""Results as folders of files."""
