"""The ICBM 152 2009 template that the nilearn package carries (BSD-3), as files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def icbm_file(kind: str) -> Path:
    """The T1 image ("t1") or the grey or white matter map ("gm", "wm"; 0 to 255) at 1 mm."""
    spec = find_spec("nilearn")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nilearn is not installed; run: make setup")
    folder = Path(spec.origin).parent / "datasets" / "data"
    return folder / f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz"
