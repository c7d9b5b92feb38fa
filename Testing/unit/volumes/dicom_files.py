"""DICOM series as files."""

from __future__ import annotations

import locale
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

AXIAL = "1\\0\\0\\0\\1\\0"


def write_series(folder: Path, positions: Sequence[Sequence[float]], orientations: Sequence[str] = (AXIAL,)) -> None:
    """One MR slice of 12x12 voxels per position (LPS mm), in files without an ending; orientations are repeated."""
    folder.mkdir(parents=True)
    before = locale.setlocale(locale.LC_ALL)
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for k, position in enumerate(positions):
        image = sitk.GetImageFromArray(np.random.default_rng(k).integers(0, 900, (1, 12, 12)).astype(np.int16))
        place = {"0020|0032": "\\".join(f"{each:g}" for each in position), "0020|0013": str(k)}
        uids = {"0020|000e": "1.2.3.4", "0008|0018": f"1.2.3.4.{k}"}
        directions = orientations[k % len(orientations)]
        for tag, value in {"0008|0060": "MR", **place, **uids, "0020|0037": directions}.items():
            image.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"IM{k}.dcm"))
        writer.Execute(image)
    for k in range(len(positions)):
        (folder / f"IM{k}.dcm").rename(folder / f"IM{k}")
    locale.setlocale(locale.LC_ALL, before)  # GDCM sets "C" when it writes; Python then takes all text for ASCII
