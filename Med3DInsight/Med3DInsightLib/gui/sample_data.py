"""Volumes to try the modules with, in Slicer's module Sample Data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CATEGORY = "Med3D Insight"
ICBM_SHA256 = "421a10e872fd6cadae7f61d358dffbcc1795a497d61ee76c5dda2503e1a1e9e6"
_NAME = "ICBM152T1"
_RESOURCES = Path(__file__).resolve().parents[2] / "Resources"


def register_sample_data() -> None:
    """Offer the ICBM 152 T1 that comes with the extension; nothing is downloaded.

    Called when the application has started, since the module Sample Data must be there.
    """
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=_NAME,
        uris=(_RESOURCES / "Med3DInsight" / "SampleData" / "icbm152_2009a_t1.nii.gz").as_uri(),
        fileNames="icbm152_2009a_t1.nii.gz",
        nodeNames="ICBM 152 T1",
        checksums=f"SHA256:{ICBM_SHA256}",
        thumbnailFileName=str(_RESOURCES / "Icons" / "Med3DInsightSample.png"),
        loadFileType="VolumeFile",
    )


def load_sample() -> Any:
    """The volume node of that sample, as Sample Data loads it; nothing is downloaded."""
    import SampleData

    return SampleData.SampleDataLogic().downloadSample(_NAME)
