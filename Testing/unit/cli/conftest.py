"""What tests of several commands begin with."""

from __future__ import annotations

import pytest
from Testing.unit.captions.parts import a_trunk

from Med3DInsightLib.volumes import write_volume


@pytest.fixture
def a_scan(tmp_path):
    write_volume(a_trunk()[0], tmp_path / "scan.nii.gz")
    return tmp_path / "scan.nii.gz"
