"""What the modules of 3D Slicer share on the screen; beside the rooms here only panels of the modules know Qt."""
