"""Embeddings on disk: computed once, found by what they are of, and never wrong.

A cache folder has one compartment for each tower (kind, weights, settings) and number format, so a
teacher never meets embeddings of another. A compartment is a set of immutable shards, each written under
another name and renamed when complete; what a kill leaves behind is never read. Rows carry checksums.
"""
