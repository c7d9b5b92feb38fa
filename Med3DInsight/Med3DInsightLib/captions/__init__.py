"""Slices of a volume described in words: what a caption is, and what identifies it.

Its rooms choose slices (slices), draw them (pictures), know label maps (label_maps), describe slices (backends), judge
what was said (quality) and keep it (files); captions_of() of quality puts the last three together. No torch, no
network, except for models in local and remote.
"""

from .errors import CaptionError
from .record import Caption, CaptionKey, CaptionSource, Flag
from .volume_hash import volume_hash
from .window import Window

__all__ = [
    "Caption",
    "CaptionError",
    "CaptionKey",
    "CaptionSource",
    "Flag",
    "Window",
    "volume_hash",
]
