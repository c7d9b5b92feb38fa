"""What the modules of 3D Slicer share on the screen: the rooms here and the panels of the modules are all that know Qt."""
