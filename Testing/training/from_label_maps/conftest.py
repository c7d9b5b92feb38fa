"""A label map of nested cubes, and a recipe that learns from it in two steps."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


@pytest.fixture(autouse=True)
def a_process_alone():
    """accelerate remembers in the process how it was first started."""
    from accelerate.state import AcceleratorState, GradientState

    yield
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


@pytest.fixture
def a_recipe_file(tmp_path):
    text = (CONFIGS / "brain_tissue.toml").read_text()
    lines = {"steps": "steps = 2", "crop_voxel": "crop_voxel = 16", "warmup_steps": "warmup_steps = 1"}
    changed = [lines.get(line.split(" =")[0], line) for line in text.splitlines()]
    changed = [
        line.replace("init_filters = 16, blocks = [1, 2, 2, 4]", "init_filters = 8, blocks = [1, 1]")
        for line in changed
    ]
    (tmp_path / "freesurfer_labels.csv").write_text((CONFIGS / "freesurfer_labels.csv").read_text())
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
