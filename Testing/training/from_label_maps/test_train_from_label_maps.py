"""The training script makes a bundle that segments, from label maps alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from safetensors.torch import load_file

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import read_volume

TRAINING = Path(__file__).resolve().parents[3] / "training"


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
    slow.write_text('base = "recipe.toml"\nseed = 5\n[optimisation]\nlearning_rate = 1e-12\n')
    assert train(a_recipe_file, a_label_folder, tmp_path / "first").returncode == 0
    first = Bundle.open(tmp_path / "first" / "brain-tissue")
    done = train(slow, a_label_folder, tmp_path / "second", "--start", first.folder)
    assert done.returncode == 0, done.stderr
    assert Bundle.open(tmp_path / "second" / "brain-tissue").card.weights_sha256 == first.card.weights_sha256


def test_the_layer_of_the_scores_learns_faster_if_told_so(a_recipe_file, a_label_folder, tmp_path):
    assert train(a_recipe_file, a_label_folder, tmp_path / "first").returncode == 0
    first = Bundle.open(tmp_path / "first" / "brain-tissue")
    before = load_file(first.weights_path)
    moved = {}
    for rate in (1, 10):
        recipe = a_recipe_file.with_name("head.toml")
        recipe.write_text(f'base = "recipe.toml"\n[optimisation]\nlearning_rate = 1e-3\nhead_rate = {rate}\n')
        assert train(recipe, a_label_folder, tmp_path / str(rate), "--start", first.folder).returncode == 0
        after = load_file(Bundle.open(tmp_path / str(rate) / "brain-tissue").weights_path)
        change = {name: float((after[name].float() - before[name].float()).abs().max()) for name in before}
        moved[rate] = max(change[name] for name in change if name.startswith("decoder.head."))
    assert moved[10] > 5 * moved[1] > 0


def test_another_recipe_other_label_maps_or_another_start_in_the_same_folder_are_refused(
    a_recipe_file, a_label_folder, tmp_path
):
    output = tmp_path / "run"
    assert train(a_recipe_file, a_label_folder, output).returncode == 0
    other = a_recipe_file.with_name("other.toml")
    other.write_text('base = "recipe.toml"\n[synthesis]\nspacing_mm = 3.0\n')
    assert "the run began with synthesis.spacing_mm = 2.0, not 3.0" in train(other, a_label_folder, output).stderr
    done = train(a_recipe_file, a_label_folder, output, "--start", output / "brain-tissue")
    assert "the run began from other weights" in done.stderr
    ids = np.zeros((40, 40, 40), np.int16)
    ids[10:30, 10:30, 10:30] = 3
    nib.save(nib.Nifti1Image(ids, np.eye(4)), a_label_folder / "two.nii.gz")
    assert "the label maps have changed since the run began" in train(a_recipe_file, a_label_folder, output).stderr


def test_what_is_measured_on_the_way_are_images_of_the_label_maps_that_are_held_out(
    a_recipe_file, a_label_folder, tmp_path
):
    held_out = a_recipe_file.with_name("held_out.toml")
    held_out.write_text('base = "recipe.toml"\nheld_out = ["two.nii.gz"]\n')
    logs = []
    for size in (20, 30):
        ids = np.zeros((40, 40, 40), np.int16)
        ids[5 : 5 + size, 5 : 5 + size, 5 : 5 + size] = 3
        nib.save(nib.Nifti1Image(ids, np.eye(4)), a_label_folder / "two.nii.gz")
        done = train(held_out, a_label_folder, tmp_path / str(size))
        assert done.returncode == 0, done.stderr
        assert "1 label maps" in done.stdout
        lines = (tmp_path / str(size) / "log.jsonl").read_text().splitlines()
        logs.append([json.loads(line) for line in lines])
    first, second = logs
    assert [line["loss"] for line in first] == [line["loss"] for line in second]
    assert first[-1]["held-out loss"] != second[-1]["held-out loss"]


def test_a_bundle_of_another_architecture_is_refused_by_name(a_recipe_file, a_label_folder, a_bundle, tmp_path):
    done = train(a_recipe_file, a_label_folder, tmp_path / "run", "--start", a_bundle.folder)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {a_bundle.folder}: its network is not that of the recipe")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()
