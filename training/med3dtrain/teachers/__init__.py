"""Frozen 2D models that say what a picture of a slice and its description mean, and a cache of what they said.

Teachers never change, so every embedding is computed once (see cache). Knows torch; transformers and
open_clip are imported only where a model of theirs is opened.
"""
