"""Nodes of 3D Slicer as inputs, and results as nodes; besides gui the only room that knows slicer and vtk.

Nothing here computes: arrays come in and go out in KJI order, places in RAS mm.
"""
