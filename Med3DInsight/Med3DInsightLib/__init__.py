"""Med3DInsight: describe, classify, segment and search 3D medical images."""

__version__ = "0.1.0"
