"""Folders of small scans, and a segment function that counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.batch.request import BatchRequest
from Med3DInsightLib.batch.run import BatchRun
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import write_volume


class Counting:
    """The segment function of a real AnalysisService, and how often it was called."""

    def __init__(self, service):
        self._service = service
        self.calls = 0
        self.before = lambda call: None

    def __call__(self, request, volume, progress, cancel):
        self.calls += 1
        self.before(self.calls)
        return self._service.segment(request, volume, progress, cancel)


@pytest.fixture
def a_segment(a_bundle):
    return Counting(AnalysisService(Bundle.open))


@pytest.fixture
def scans(a_volume, tmp_path):
    """A folder with three scans that differ."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for n, name in enumerate(["one.nii.gz", "three.nrrd", "two.mha"]):
        write_volume(a_volume.map(lambda array, n=n: np.roll(array, n, 0)), folder / name)
    return folder


@pytest.fixture
def a_request(scans, a_bundle, tmp_path):
    return BatchRequest(scans, tmp_path / "results", SegmentRequest(str(a_bundle.folder)))


@pytest.fixture
def results(a_request):
    return a_request.output


@pytest.fixture
def run(a_request, a_bundle, a_segment):
    """A function that runs the request, changed by options, and returns the summary."""

    def run_it(progress=None, cancel=None, bundle=a_bundle, **options):
        return BatchRun(replace(a_request, **options), bundle, a_segment).run(progress, cancel)

    return run_it
