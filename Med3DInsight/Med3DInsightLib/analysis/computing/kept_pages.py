"""Memory of freed tensors, kept for the next ones."""

from __future__ import annotations

import ctypes
import sys

# Names and numbers of glibc's mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST = 2**31 - 1


def keep_pages() -> None:
    """From now on keep the pages of freed tensors in this process, until return_pages().

    glibc hands every large block back to the system when it is freed, and gets it anew, page by page and cleared,
    for the next layer of a network: that takes up to a third of the time of an inference. For processes that
    do nothing but compute, and for their main thread; elsewhere than with glibc nothing is done or needed.
    """
    glibc = _glibc()
    if glibc is not None:
        glibc.mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        glibc.mallopt(_M_TRIM_THRESHOLD, _LARGEST)


def return_pages() -> None:
    """Give all pages that no tensor uses back to the system."""
    glibc = _glibc()
    if glibc is not None:
        glibc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "gnu_get_libc_version") else None
