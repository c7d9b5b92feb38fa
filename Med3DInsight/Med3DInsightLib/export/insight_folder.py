"""The folders that classification and search leave behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..analysis.classes.classification_result import ClassificationResult
from ..analysis.saliency.explained_classification import ExplainedClassification
from ..analysis.slices.finding import FindResult
from ..bundles import ModelCard
from ..volumes import Volume, write_volume
from ..volumes.files.source_files import Fingerprint
from .insight_facts import classes_facts, found_facts
from .provenance import provenance, versions

RESULT, SALIENCY = "result.json", "saliency.nii.gz"
"""The names of files; result.json comes last and marks a result complete."""


def write_classification(
    folder: Path, source: Fingerprint, volume: Volume, card: ModelCard, result: ClassificationResult
) -> None:
    """Write result.json with the probability of every class; use staged_files() around it."""
    _write(folder, {**provenance(source, volume, card), **classes_facts(result), "versions": versions()})


def write_explanation(
    folder: Path, source: Fingerprint, volume: Volume, card: ModelCard, explained: ExplainedClassification
) -> None:
    """Write saliency.nii.gz, on the grid of volume with values from 0 to 1, and result.json."""
    saliency = explained.saliency
    write_volume(volume.with_array(saliency.on_grid(volume.grid).astype(np.float32)), folder / SALIENCY)
    told = {**classes_facts(explained.result), "saliency": {"file": SALIENCY, "of_class": saliency.subject}}
    _write(folder, {**provenance(source, volume, card), **told, "versions": versions()})


def write_found_slices(folder: Path, source: Fingerprint, volume: Volume, card: ModelCard, found: FindResult) -> None:
    """Write result.json with the similarity and the weight of every slice; positions are RAS in mm."""
    _write(folder, {**provenance(source, volume, card), **found_facts(found), "versions": versions()})


def _write(folder: Path, content: dict[str, Any]) -> None:
    (folder / RESULT).write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
