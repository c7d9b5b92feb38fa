"""The folder that a segmentation run leaves behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..bundles import ModelCard
from ..volumes import Volume, write_segmentation, write_volume
from ..volumes.files.source_files import Fingerprint
from .provenance import provenance, versions

LABELS, SEGMENTATION, PREVIEW, RESULT = "labels.nii.gz", "labels.seg.nrrd", "preview.png", "result.json"
FILES = (LABELS, SEGMENTATION, PREVIEW, RESULT)
"""The files of a result; result.json comes last and marks it complete."""


def write_segmentation_files(
    folder: Path, source: Fingerprint, volume: Volume, card: ModelCard, result: SegmentationResult
) -> None:
    """Write FILES into folder; use staged_files() to make them appear together.

    source is the fingerprint of the input, taken before volume was read from it.

    Raises VolumeError or OSError if a file cannot be written completely.
    """
    from .preview import write_preview  # here, because matplotlib takes a while to import

    write_volume(result.labels, folder / LABELS)
    write_segmentation(result.labels, result.segments, folder / SEGMENTATION)
    write_preview(volume, result, folder / PREVIEW)
    text = json.dumps(describe(source, volume, card, result), indent=2) + "\n"
    (folder / RESULT).write_text(text, encoding="utf-8")


def describe(source: Fingerprint, volume: Volume, card: ModelCard, result: SegmentationResult) -> dict[str, Any]:
    """The content of result.json: volumes in ml, and everything that is needed to repeat the run."""
    volumes = result.volumes_ml()
    return {
        **provenance(source, volume, card),
        "structures": [
            {
                "label_value": segment.label_value,
                "name": segment.name,
                "volume_ml": round(volumes[segment.name], 4),
                "snomed_ct": segment.type.value,
            }
            for segment in result.segments
        ],
        "device": result.device,
        "seconds": result.seconds,
        "encoded_windows": result.encoded_windows,
        "adjustments": list(result.adjustments),
        "versions": versions(),
    }
