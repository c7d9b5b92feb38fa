"""Fine-tuning is tested in processes with one thread each, on a data set of eight small cases."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest
import torch

from Med3DInsightLib.volumes import write_volume

from .data import REPOSITORY, a_case, a_recipe, write_data_set


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def a_data_set(tmp_path_factory):
    return write_data_set(tmp_path_factory.mktemp("data") / "balls")


@pytest.fixture(scope="session")
def undisturbed(a_data_set, tmp_path_factory):
    """What python training/finetune.py makes of the data set, started as a user does."""
    folder = tmp_path_factory.mktemp("undisturbed")
    a_recipe().write(folder / "recipe.json")
    command = [sys.executable, REPOSITORY / "training" / "finetune.py", "segment", a_data_set]
    command += ["--recipe", folder / "recipe.json", "--output", folder / "run", "--device", "cpu"]
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(folder)}
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stdout
    return folder / "run"


@pytest.fixture(scope="session")
def a_table(tmp_path_factory):
    """Eighteen volumes with and without a cube; every third is for testing."""
    folder = tmp_path_factory.mktemp("classified")
    with open(folder / "cases.csv", "w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["image", "class", "split"])
        for seed in range(18):
            with_cube = seed % 2 == 0
            image, _ = a_case(seed, (16, 18, 16), cube=with_cube)
            write_volume(image, folder / f"v{seed}.nii.gz")
            subset = ("train", "train", "train", "validation", "validation", "test")[seed // 2 % 6]
            rows.writerow([f"v{seed}.nii.gz", "cube" if with_cube else "none", subset])
    return folder / "cases.csv"
