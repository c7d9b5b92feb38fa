"""Captions of many volumes: which are read, which slices, by which backend, in which shard; resumed after any stop.

Knows the captions room of the library, and no torch unless the backend is a local model.
"""
