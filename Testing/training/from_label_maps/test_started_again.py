"""A run never replaces what it did not write, and a finished one leaves its bundle as it is."""

from __future__ import annotations

from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.bundles import Bundle, Measurement
from Med3DInsightLib.bundles.bundle import write_card
from Med3DInsightLib.networks.factory import build_network, save_network
from med3dtrain.from_label_maps.recipe import LabelMapRecipe
from med3dtrain.loops.same_run import OtherRunError
from med3dtrain.runs.errors import RunError

from .training import trained


def test_the_bundle_that_is_started_from_is_not_replaced(a_recipe_file, a_label_folder, tmp_path):
    card = LabelMapRecipe.read(a_recipe_file).card
    first = save_network(build_network(card.architecture), card, tmp_path / "runs" / "brain-tissue")
    with pytest.raises(RunError, match="brain-tissue: is there already, and no checkpoint"):
        trained(a_recipe_file, a_label_folder, tmp_path / "runs", first)
    first.verify_weights()


def test_a_finished_run_that_is_started_again_keeps_the_figures_that_were_recorded_since(
    a_recipe_file, a_label_folder, tmp_path
):
    bundle = trained(a_recipe_file, a_label_folder, tmp_path / "run")
    recorded = replace(bundle.card, results=(Measurement("heads", "mean Dice", 0.79, "python measure.py"),))
    write_card(bundle.folder, recorded)
    written = bundle.weights_path.stat().st_mtime_ns
    assert trained(a_recipe_file, a_label_folder, tmp_path / "run") == Bundle(bundle.folder, recorded)
    assert bundle.weights_path.stat().st_mtime_ns == written


def test_a_run_does_not_go_on_with_another_label_table_or_other_held_out_label_maps(
    a_recipe_file, a_label_folder, tmp_path
):
    recipe = a_recipe_file.with_name("held_out.toml")
    recipe.write_text('base = "recipe.toml"\nheld_out = ["two.nii.gz"]\n')
    write_cube(a_label_folder / "two.nii.gz", 20)
    assert trained(recipe, a_label_folder, tmp_path / "run") is not None
    write_cube(a_label_folder / "two.nii.gz", 30)
    with pytest.raises(OtherRunError, match="the label maps have changed since the run began"):
        trained(recipe, a_label_folder, tmp_path / "run")
    write_cube(a_label_folder / "two.nii.gz", 20)
    assert trained(recipe, a_label_folder, tmp_path / "run") is not None
    table = a_recipe_file.with_name("freesurfer_labels.csv")
    table.write_text(table.read_text().rstrip() + "\n999,thumb,background,\n")
    with pytest.raises(OtherRunError, match="the label table has changed since the run began"):
        trained(recipe, a_label_folder, tmp_path / "run")


def write_cube(path, size):
    """Grey matter in a corner."""
    ids = np.zeros((40, 40, 40), np.int16)
    ids[5 : 5 + size, 5 : 5 + size, 5 : 5 + size] = 3
    nib.save(nib.Nifti1Image(ids, np.eye(4)), path)
