"""Finding damage in NIfTI files that the reader would pass over in silence.

ITK fills the missing end of a truncated NIfTI file with zeros, turns NaN and infinite voxels into
zeros, takes a spacing of 0 for 1, and says nothing where the two places in a header disagree. A
result computed from such a file would look right and be wrong. This can go when ITK reports all four.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import VolumeError
from ..grid import Grid, refuse_shear

_HEADER_BYTES = 348
_NIFTI_2_SIZE = 540
_FLOAT_TYPES = {16: "f4", 64: "f8"}
_MM_PER_UNIT = {1: 1e3, 3: 1e-3}
"""Of metres and micrometres, by the code of the unit; for any other, and for none, ITK takes millimetres."""

_SAME_PLACE_VOXELS = 0.5
_SAME_SPACING = 0.01
_CHUNK_BYTES = 1 << 24
_DAMAGED = "export or download the file again"


@dataclass(frozen=True)
class _Header:
    order: str
    shape: tuple[int, ...]
    datatype: int
    bits: int
    spacing: tuple[float, ...]
    data_offset: int
    sform: NDArray[np.float64] | None
    """IJK to RAS in mm."""

    @property
    def data_bytes(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64)) * self.bits // 8


def is_nifti(path: Path) -> bool:
    """Whether the name of path is that of a single-file NIfTI image."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def check_nifti(path: Path) -> Grid | None:
    """The grid that the sform of a NIfTI file states, None if it has no sform.

    Raises VolumeError if the file is truncated, not finite, or without a usable affine.
    """
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if zipped else open(path, "rb") as stream:
            header = _read_header(stream)
            stated = _checked_place(header)
            _check_voxels(stream, header)
            return stated
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise VolumeError("the file is truncated or damaged", next_step=_DAMAGED) from error


def require_one_place(read: Grid, stated: Grid) -> None:
    """Raise VolumeError if the grid that ITK read, from qform and pixdim, is not the one that the sform states.

    nibabel, FSL and FreeSurfer go by the sform, so a result would lie elsewhere for them.
    """
    off = stated.voxels_off(read)
    spacings = np.abs(read.spacing_ijk_mm / stated.spacing_ijk_mm - 1.0)
    if off <= _SAME_PLACE_VOXELS and spacings.max() <= _SAME_SPACING:
        return
    raise VolumeError(
        f"the header gives two places, up to {off:.1f} voxels apart: {_in_words(stated)} by the sform,"
        f" {_in_words(read)} by the qform and pixdim",
        next_step="write the right one into both and save the image again; with nibabel,"
        " image.set_qform(image.affine) keeps the sform, image.set_sform(image.get_qform()) the qform",
    )


def _in_words(grid: Grid) -> str:
    spacing = "x".join(f"{mm:.4g}" for mm in grid.spacing_ijk_mm)
    origin = ", ".join(f"{mm:.4g}" for mm in grid.origin_ras_mm)
    return f"{grid.axis_codes} with {spacing} mm from ({origin})"


def _read_header(stream: BinaryIO | gzip.GzipFile) -> _Header:
    block = stream.read(_HEADER_BYTES)
    for order in "<>":
        size = struct.unpack_from(order + "i", block)[0] if len(block) >= 4 else 0
        if size == _NIFTI_2_SIZE:
            raise VolumeError("is a NIfTI-2 file, which ITK does not read", next_step="save it as NIfTI-1")
        if size == _HEADER_BYTES:
            if len(block) < _HEADER_BYTES:
                raise VolumeError("the file ends within its header", next_step=_DAMAGED)
            return _parse(block, order)
    raise VolumeError("is not a NIfTI image", next_step="check that the file is what its name says")


def _parse(block: bytes, order: str) -> _Header:
    dim = struct.unpack_from(order + "8h", block, 40)
    datatype, bits = struct.unpack_from(order + "2h", block, 70)
    pixdim = struct.unpack_from(order + "8f", block, 76)
    offset = int(struct.unpack_from(order + "f", block, 108)[0])
    (sform_code,) = struct.unpack_from(order + "h", block, 254)
    rows = struct.unpack_from(order + "12f", block, 280)
    if not 1 <= dim[0] <= 7 or any(axis < 1 for axis in dim[1 : dim[0] + 1]):
        raise VolumeError(
            f"an axis has size zero or less (dimensions {list(dim[: max(1, min(8, dim[0] + 1))])})",
            next_step=_DAMAGED,
        )
    mm = _MM_PER_UNIT.get(block[123] & 7, 1.0)
    sform = np.vstack([np.array(rows).reshape(3, 4) * mm, [0, 0, 0, 1]]) if sform_code > 0 else None
    return _Header(order, dim[1 : dim[0] + 1], datatype, bits, pixdim[1 : dim[0] + 1], offset, sform)


def _checked_place(header: _Header) -> Grid | None:
    spatial = np.array(header.spacing[:3])
    if not np.isfinite(spatial).all() or (spatial == 0).any():
        raise VolumeError(
            f"the spacing is {'x'.join(f'{mm:g}' for mm in spatial)} mm",
            next_step="correct the spacing in the header of the image",
        )
    if header.sform is None:
        return None
    i, j, k = (*header.shape, 1, 1)[:3]
    stated = Grid((k, j, i), header.sform)
    refuse_shear(stated)
    return stated


def _check_voxels(stream: BinaryIO | gzip.GzipFile, header: _Header) -> None:
    stream.seek(header.data_offset)
    kind = _FLOAT_TYPES.get(header.datatype)
    remaining, broken = header.data_bytes, 0
    while remaining > 0:
        chunk = stream.read(min(_CHUNK_BYTES, remaining))
        if not chunk:
            missing = 100.0 * remaining / header.data_bytes
            raise VolumeError(f"the file is truncated: {missing:.0f} % of the voxels are missing", next_step=_DAMAGED)
        remaining -= len(chunk)
        if kind is not None:
            whole = len(chunk) - len(chunk) % int(kind[1])
            broken += int((~np.isfinite(np.frombuffer(chunk[:whole], header.order + kind))).sum())
    while stream.read(_CHUNK_BYTES):  # to the end, where gzip keeps its checksum
        pass
    if broken:
        raise VolumeError(
            f"{broken} voxels are NaN or infinite",
            next_step="replace them in the tool that wrote the image, or crop the image to its valid part",
        )
