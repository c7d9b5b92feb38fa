"""What an embedding is found by: a hash of the picture or text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..pictures import Picture

KEY_BYTES = 16
"""Of the SHA-256: among 10^12 items, two share a key with a chance of 10^-15."""

Keys = NDArray[np.uint8]
"""(N, KEY_BYTES)."""


def content_key(item: Picture | str) -> bytes:
    """The key of a text, of the bytes of a PNG file, or of an array with its shape.

    A text is its characters: a changed letter or space is another text. An array and a PNG file of the
    same picture have different keys.
    """
    if isinstance(item, str):
        kind, content = b"text", item.encode("utf-8", "surrogatepass")
    elif isinstance(item, bytes):
        kind, content = b"file", item
    else:
        kind, content = f"array {item.dtype.str} {item.shape}".encode(), np.ascontiguousarray(item).tobytes()
    return hashlib.sha256(kind + b"\0" + content).digest()[:KEY_BYTES]


def content_keys(items: Sequence[Picture | str]) -> Keys:
    """The keys of all items, (N, KEY_BYTES)."""
    joined = b"".join(content_key(item) for item in items)
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, KEY_BYTES)
