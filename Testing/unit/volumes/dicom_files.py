"""DICOM series as files."""

from __future__ import annotations

import locale
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import SimpleITK as sitk

AXIAL = "1\\0\\0\\0\\1\\0"


def write_series(folder: Path, positions: Sequence[Sequence[float]], orientations: Sequence[str] = (AXIAL,)) -> None:
    """One MR slice of 12x12 voxels per position (LPS mm), in files without an ending; orientations are repeated."""
    folder.mkdir(parents=True)
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
        with _own_locale():
            writer.Execute(image)
    for k in range(len(positions)):
        (folder / f"IM{k}.dcm").rename(folder / f"IM{k}")


def write_frames(folder: Path, spacing_mm: Sequence[float], origin_lps_mm: Sequence[float]) -> None:
    """One file with five MR slices of 7x6 voxels, which count from 0 on."""
    folder.mkdir(parents=True)
    image = sitk.GetImageFromArray(np.arange(210, dtype=np.int16).reshape(5, 6, 7))
    image.SetSpacing(spacing_mm)
    image.SetOrigin(origin_lps_mm)
    image.SetMetaData("0008|0060", "MR")
    with _own_locale():
        sitk.WriteImage(image, str(folder / "frames.dcm"))


@contextmanager
def _own_locale() -> Iterator[None]:
    """Keeps GDCM from leaving the locale "C" behind when it writes; Python would take all text for ASCII then."""
    before = locale.setlocale(locale.LC_ALL)
    yield
    locale.setlocale(locale.LC_ALL, before)
