"""The plane-slice-aware transformer (PSAT) of arXiv 2509.09064: 3D features as seen from one slice.

Shapes: B volumes, S slices of each, Q queries, N tokens, H heads, W the width.
"""
