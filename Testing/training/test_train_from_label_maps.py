"""The training script makes a bundle that segments, from label maps alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import read_volume
from med3dtrain.recipe_file import LabelMapRecipe

TRAINING = Path(__file__).resolve().parents[2] / "training"


@pytest.fixture
def a_recipe_file(tmp_path):
    text = (TRAINING / "configs" / "brain_tissue.toml").read_text()
    lines = {"steps": "steps = 2", "crop_voxel": "crop_voxel = 16", "warmup_steps": "warmup_steps = 1"}
    changed = [lines.get(line.split(" =")[0], line) for line in text.splitlines()]
    changed = [
        line.replace("init_filters = 16, blocks = [1, 2, 2, 4]", "init_filters = 8, blocks = [1, 1]")
        for line in changed
    ]
    (tmp_path / "freesurfer_labels.csv").write_text((TRAINING / "configs" / "freesurfer_labels.csv").read_text())
    path = tmp_path / "recipe.toml"
    path.write_text("\n".join(changed))
    return path


@pytest.fixture
def a_label_folder(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    ids = np.zeros((40, 40, 40), np.int16)
    ids[5:35, 5:35, 5:35], ids[10:30, 10:30, 10:30], ids[15:25, 15:25, 15:25] = 24, 3, 2
    nib.save(nib.Nifti1Image(ids, np.diag([1.0, 1, 1, 1])), folder / "one.nii.gz")
    return folder


def train(recipe: Path, labels: Path, output: Path, *more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, TRAINING / "train_from_label_maps.py", "--labels", labels, "--output", output]
    command += ["--recipe", recipe, "--device", "cpu", *more]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=output.parent)


def test_label_maps_in_a_working_bundle_out(a_recipe_file, a_label_folder, tmp_path):
    done = train(a_recipe_file, a_label_folder, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    bundle = Bundle.open(tmp_path / "run" / "brain-tissue")
    labels = Session.open(bundle).segment(read_volume(a_label_folder / "one.nii.gz")).labels
    assert labels.array_kji.shape == (40, 40, 40)


def test_a_run_may_end_early_and_goes_on_to_the_same_weights(a_recipe_file, a_label_folder, tmp_path):
    for output, limits in (("whole", [[]]), ("parts", [["--minutes", "0"], []])):
        for limit in limits:
            done = train(a_recipe_file, a_label_folder, tmp_path / output, *limit)
            assert done.returncode == 0, done.stderr
            assert ("start it again to go on" in done.stdout) == bool(limit)
    whole, parts = (Bundle.open(tmp_path / each / "brain-tissue") for each in ("whole", "parts"))
    assert whole.card.weights_sha256 == parts.card.weights_sha256


def test_what_a_bundle_has_learnt_is_learnt_on(a_recipe_file, a_label_folder, tmp_path):
    """A recipe that names another one as its base learns so slowly here that half precision does not tell."""
    slow = a_recipe_file.with_name("slow.toml")
    slow.write_text('base = "recipe.toml"\nseed = 5\n[loop]\nlearning_rate = 1e-12\n')
    assert train(a_recipe_file, a_label_folder, tmp_path / "first").returncode == 0
    first = Bundle.open(tmp_path / "first" / "brain-tissue")
    done = train(slow, a_label_folder, tmp_path / "second", "--start", first.folder)
    assert done.returncode == 0, done.stderr
    assert Bundle.open(tmp_path / "second" / "brain-tissue").card.weights_sha256 == first.card.weights_sha256


def test_a_bundle_of_another_architecture_is_refused_by_name(a_recipe_file, a_label_folder, a_bundle, tmp_path):
    done = train(a_recipe_file, a_label_folder, tmp_path / "run", "--start", a_bundle.folder)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {a_recipe_file}: the network of the recipe is not that of {a_bundle.folder}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_recipe_has_the_entries_of_its_base_but_for_its_own(a_recipe_file):
    above = a_recipe_file.with_name("above.toml")
    above.write_text('base = "recipe.toml"\nseed = 7\n[loop]\nsteps = 9\n[card]\nversion = "2"\n')
    base, recipe = LabelMapRecipe.read(a_recipe_file), LabelMapRecipe.read(above)
    assert (recipe.seed, recipe.loop.steps, recipe.card.version) == (7, 9, "2")
    assert replace(recipe.loop, steps=base.loop.steps) == base.loop
    assert (recipe.card.title, recipe.synthesis) == (base.card.title, base.synthesis)


def test_the_published_recipe_is_the_one_of_the_shipped_bundle():
    from Med3DInsightLib.catalog.shipped import ShippedModels

    recipe = LabelMapRecipe.read(TRAINING / "configs" / "brain_tissue.toml")
    shipped = ShippedModels().find("brain-tissue").card
    for entry in ("architecture", "recipe", "segments", "trained_on", "licence", "observations", "version"):
        assert getattr(shipped, entry) == getattr(recipe.card, entry), entry


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('base = "recipe.toml"\n[loop]\nsteps = "many"', r"above\.toml: loop\.steps"),
        ('base = "none.toml"', r"above\.toml: cannot be read as a recipe \(.*none\.toml"),
        ("steps =", r"above\.toml: cannot be read as a recipe"),
        ("", r"above\.toml: seed: Field required"),
        ('base = "above.toml"', r"above\.toml: cannot be read as a recipe"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_named(a_recipe_file, text, told):
    above = a_recipe_file.with_name("above.toml")
    above.write_text(text)
    with pytest.raises(UserError, match=told):
        LabelMapRecipe.read(above)


def test_a_label_table_that_is_not_there_is_named(a_recipe_file):
    recipe = LabelMapRecipe.read(a_recipe_file)
    recipe.label_table.unlink()
    with pytest.raises(UserError, match="cannot be used as a label table"):
        recipe.read_label_table()
