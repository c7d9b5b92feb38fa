"""What every result says about where it comes from."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from .. import __version__
from ..bundles import ModelCard
from ..volumes import Volume
from ..volumes.files.source_files import Fingerprint

NOTICE = "Research software, not a diagnostic device."
_LIBRARIES = ("torch", "monai", "numpy", "SimpleITK")
_FORMAT_VERSION = 1


def provenance(source: Fingerprint, volume: Volume, card: ModelCard) -> dict[str, Any]:
    """The beginning of a result as JSON can hold it: its format, the notice, the input and the model.

    source is the fingerprint of the input, taken before volume was read from it.
    """
    return {
        "format_version": _FORMAT_VERSION,
        "notice": NOTICE,
        "input": {**file_facts(source), **volume_facts(volume)},
        "model": {"name": card.name, "version": card.version, "weights_sha256": card.weights_sha256},
    }


def file_facts(source: Fingerprint) -> dict[str, Any]:
    """What a volume was read from."""
    return {"file": source.file, "size_bytes": source.size_bytes, "sha256": source.sha256}


def volume_facts(volume: Volume) -> dict[str, Any]:
    """The grid of a volume, and how the image was made."""
    return {
        "shape_ijk": list(volume.grid.shape_ijk),
        "spacing_ijk_mm": [round(float(mm), 6) for mm in volume.grid.spacing_ijk_mm],
        "orientation": volume.grid.axis_codes,
        "modality": volume.modality.value,
    }


def versions() -> dict[str, str]:
    """Of this program, Python, and the libraries that decide results."""
    libraries = {library: version(library) for library in _LIBRARIES}
    return {"med3dinsight": __version__, "python": platform.python_version(), **libraries}
