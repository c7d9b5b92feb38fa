"""What a user asks for when it is about a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..analysis.requests import SegmentRequest
from ..volumes import Modality


@dataclass(frozen=True)
class BatchRequest:
    """Which volumes are segmented, by which model, and where results go.

        BatchRequest(Path("scans"), Path("results"), SegmentRequest("brain-structures"))

    pattern is a glob relative to folder, such as "sub-*/anat/*_T1w.nii.gz". modality overrides what the
    files say. overwrite allows to replace results of other models and of changed inputs; results of this
    model for the same input are kept in any case, which is how a run is resumed.
    """

    folder: Path
    output: Path
    segment: SegmentRequest = field(default_factory=SegmentRequest)
    pattern: str = "*"
    modality: Modality | None = None
    overwrite: bool = False
