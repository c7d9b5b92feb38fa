"""Segmenting the cases of a folder."""

from __future__ import annotations

from dataclasses import dataclass

from ...batch.request import BatchRequest
from ...batch.summary import Counts

BATCH = "batch"


@dataclass(frozen=True)
class BatchBody:
    """Segment the cases of a folder; paths are absolute, since client and worker may be in different folders."""

    request: BatchRequest


@dataclass(frozen=True)
class CountsBody:
    """What became of the cases; the table with all of them is in the output folder."""

    counts: Counts
