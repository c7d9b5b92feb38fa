"""What a file is known by, whatever it is called."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of_file(path: Path) -> str:
    """The SHA-256 hash of the content in hexadecimal, as sha256sum prints it; raises OSError."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
