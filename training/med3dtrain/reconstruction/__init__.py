"""Reconstruction of a volume from what its encoder made of it: of hidden cubes, or of what was seen."""
