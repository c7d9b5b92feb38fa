"""Shipped models are found, and are as good as their cards say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from Med3DInsightLib.bundles import BundleError
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.catalog.store import ModelStore

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "icbm_tissue.py"


def test_models_are_found_by_name_and_by_folder(a_bundle, tmp_path):
    models = InstalledModels(ShippedModels(a_bundle.folder.parent), ModelStore(tmp_path / "store"))
    assert models.names() == ["tiny"]
    assert models.find("tiny").card.name == "tiny"
    assert InstalledModels().find(a_bundle.folder).card.name == "tiny"


def test_without_models_the_error_says_so(tmp_path):
    with pytest.raises(BundleError, match="no model 'tiny'.*none are installed"):
        InstalledModels(ShippedModels(tmp_path / "nowhere"), ModelStore(tmp_path / "store")).find("tiny")


def test_every_shipped_bundle_is_whole():
    shipped, models = ShippedModels(), InstalledModels()
    assert {"brain-structures", "hippocampus"} <= set(shipped.names())
    for name in shipped.names():
        bundle = models.find(name)
        bundle.verify_weights()
        assert bundle.card.name == name
        assert bundle.card.results
        assert bundle.card.observations


def test_brain_structures_is_as_good_on_the_icbm_template_as_its_card_says():
    said = [each for each in InstalledModels().find("brain-structures").card.results if "ICBM" in each.dataset]
    assert len(said) == 2
    done = subprocess.run([sys.executable, str(BENCHMARK)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for result in said:
        tissue = result.measure.removeprefix("Dice ")
        found = re.search(rf"{tissue}\s+Dice (\d\.\d+)", done.stdout)
        assert found, done.stdout
        assert float(found.group(1)) == pytest.approx(result.value, abs=0.005)
