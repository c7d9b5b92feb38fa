"""What goes wrong with catalogues, stores and what is fetched."""

from __future__ import annotations

import errno
from pathlib import Path

from ..errors import UserError

ANOTHER_STORE = "choose another folder of models (on the command line: med3dinsight models store --folder)"
"""What to do about a store that cannot take a model."""


class CatalogueError(UserError):
    """A catalogue, or the file with settings, cannot be read or does not say what was looked for."""


class StoreError(UserError):
    """A folder of models cannot be written, is full, or does not hold what was named."""


class FetchError(UserError):
    """A file cannot be fetched, or is not the one that was announced."""


class LicenceNotAccepted(UserError):
    """A model has a licence that has to be accepted first."""


class TransferCancelled(UserError):
    """Fetching or copying was stopped on request; the store holds no part of a model under its name."""


def store_error(error: OSError, folder: Path) -> StoreError:
    """What an error of the operating system means for a folder of models."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreError("the disk is full", folder, f"free some space, or {ANOTHER_STORE}")
    return StoreError(f"the model store cannot be written ({error.strerror or error})", folder, ANOTHER_STORE)
