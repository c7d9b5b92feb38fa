"""What the modules of 3D Slicer share on the screen: the only rooms that know Qt are this one and mrml."""
