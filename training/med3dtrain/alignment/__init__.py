"""Alignment of 3D read-outs with the embeddings of a frozen image-text teacher."""
