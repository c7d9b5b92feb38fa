"""What tests of several commands begin with."""

from __future__ import annotations

import numpy as np
import pytest
from Testing.unit.analysis.slices.parts import dim_volume
from Testing.unit.captions.parts import a_trunk
from Testing.unit.insight_bundles import a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import Grid, write_volume


@pytest.fixture
def a_scan(tmp_path):
    write_volume(a_trunk()[0], tmp_path / "scan.nii.gz")
    return tmp_path / "scan.nii.gz"


@pytest.fixture
def a_file(tmp_path):
    write_volume(dim_volume(Grid((8, 8, 8), np.diag([2.0, 2.0, 2.0, 1.0]))), tmp_path / "scan.nii.gz")
    return tmp_path / "scan.nii.gz"


@pytest.fixture
def a_classifier(a_card, tmp_path):
    return str(a_classifier_bundle(a_card, tmp_path / "classifier").folder)


@pytest.fixture
def an_encoder(a_card, tmp_path):
    return str(an_encoder_bundle(a_card, tmp_path / "encoder").folder)


@pytest.fixture
def a_service():
    return AnalysisService(Bundle.open)
