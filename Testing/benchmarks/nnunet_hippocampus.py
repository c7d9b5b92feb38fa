"""Our fine-tuning and nnU-Net v2 on the same cases, for the same time, on the same machine.

    python Testing/benchmarks/nnunet_hippocampus.py Task04_Hippocampus --minutes 55

Both learn from the 160 training cases of training/configs/hippocampus_split.csv and predict its 40 validation cases.
Ours is the committed recipe. nnU-Net comes from PyPI into a virtual environment of its own and is used as its
documentation says: plan and preprocess, train the configuration 3d_fullres, predict (with mirroring). Its
planning and preprocessing are outside its time; our looking at the cases, preparing and measuring are inside ours.
What is finished is not done again, so that the folder (--folder) can be used to go on. The exit code is 0 if our
mean Dice is not below that of nnU-Net.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import fmean

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import Modality, Segment, read_volume, write_volume
from med3dtrain.datasets.truth import read_truth
from med3dtrain.evaluation.intervals import mean_interval
from med3dtrain.evaluation.pairing import compare_paired
from med3dtrain.evaluation.segmentation.measures import dice_by_value
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe

ROOT = Path(__file__).resolve().parents[2]
SPLIT = ROOT / "training" / "configs" / "hippocampus_split.csv"
RECIPE = ROOT / "training" / "configs" / "finetune_hippocampus.toml"
NNUNET = "nnunetv2==2.8.1"
DATASET = "Dataset004_Hippocampus"
SECONDS = "seconds.json"
FROM_PYPI = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
"""A torch that is preferred from elsewhere does not load the torchvision of PyPI, which nnU-Net imports."""


class Ours:
    """The recipe of the repository, and predictions of a session."""

    def __init__(self, folder: Path, data: Path, minutes: float) -> None:
        self._folder, self._data, self._minutes = folder, data, minutes

    def train(self, names: dict[str, str]) -> None:
        """Train, unless it is done."""
        command = [sys.executable, ROOT / "training" / "finetune.py", "segment", self._data, "--recipe", RECIPE]
        command += ["--output", self._folder / "run", "--minutes", self._minutes]
        timed(self._folder, command, {})

    def predict(self, names: list[str]) -> Path:
        """The folder with NAME.nii.gz of these cases."""
        found = self._folder / "predictions"
        session = Session.open(Bundle.open(self._folder / "run" / "hippocampus"), Device.CPU)
        for name in missing(names, found):
            volume = read_volume(self._data / "imagesTr" / f"{name}.nii.gz", Modality.MR)
            write_volume(session.segment(volume).labels, found / f"{name}.nii.gz")
        return found


class NnUnet:
    """nnU-Net v2 in an environment of its own."""

    def __init__(self, folder: Path, data: Path, minutes: float) -> None:
        self._folder, self._data = folder, data
        folders = {name: str(self._folder / name) for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results")}
        self._environment = {
            **folders,
            "nnUNet_extTrainer": str(Path(__file__).with_name("nnunet")),
            "NNUNET_MINUTES": str(minutes),
        }

    def train(self, names: dict[str, str]) -> None:
        """Install, plan, preprocess and train, unless it is done."""
        if not self._command("nnUNetv2_train").exists():
            call([sys.executable, "-m", "venv", self._folder / "venv"], {})
            pip = [self._folder / "venv" / "bin" / "pip", "install", "--quiet"]
            call([*pip, "--constraint", ROOT / "constraints.txt", "torch", NNUNET], FROM_PYPI)
        prepared = self._folder / "nnUNet_preprocessed" / DATASET
        if not (prepared / "splits_final.json").exists():
            self._write_raw(names)
            plan = [self._command("nnUNetv2_plan_and_preprocess"), "-d", "4", "-c", "3d_fullres", "-np", "2"]
            call([*plan, "--verify_dataset_integrity"], self._environment)
            sides = {side: sorted(name for name in names if names[name] == side) for side in set(names.values())}
            split = [{"train": sides["train"], "val": sides["validation"]}]
            (prepared / "splits_final.json").write_text(json.dumps(split), encoding="ascii")
        train = [self._command("nnUNetv2_train"), "4", "3d_fullres", "0", "-tr", "BudgetTrainer", "-device", "cpu"]
        timed(self._folder, train, self._environment)

    def predict(self, names: list[str]) -> Path:
        """The folder with NAME.nii.gz of these cases."""
        images, found = self._folder / "images", self._folder / "predictions"
        if missing(names, found):
            images.mkdir(exist_ok=True)
            for name in names:
                shutil.copyfile(self._data / "imagesTr" / f"{name}.nii.gz", images / f"{name}_0000.nii.gz")
            predict = [self._command("nnUNetv2_predict"), "-i", images, "-o", found, "-d", "4", "-c", "3d_fullres"]
            predict += ["-f", "0", "-tr", "BudgetTrainer", "-device", "cpu", "-npp", "1", "-nps", "1"]
            call(predict, self._environment)
        return found

    def _command(self, name: str) -> Path:
        return self._folder / "venv" / "bin" / name

    def _write_raw(self, names: dict[str, str]) -> None:
        raw = self._folder / "nnUNet_raw" / DATASET
        for part in ("imagesTr", "labelsTr"):
            (raw / part).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(self._data / "imagesTr" / f"{name}.nii.gz", raw / "imagesTr" / f"{name}_0000.nii.gz")
            shutil.copyfile(self._data / "labelsTr" / f"{name}.nii.gz", raw / "labelsTr" / f"{name}.nii.gz")
        told = {
            "channel_names": {"0": "MRI"},
            "labels": {"background": 0, "anterior": 1, "posterior": 2},
            "numTraining": len(names),
            "file_ending": ".nii.gz",
        }
        (raw / "dataset.json").write_text(json.dumps(told), encoding="ascii")


def call(command: list[object], environment: dict[str, str]) -> None:
    """Run a command and stop if it fails."""
    subprocess.run([str(part) for part in command], check=True, env={**os.environ, **environment})


def timed(folder: Path, command: list[object], environment: dict[str, str]) -> None:
    """Run a command, unless it ended well before, and keep its wall-clock seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / SECONDS).exists():
        return
    began = time.monotonic()
    call(command, environment)
    (folder / SECONDS).write_text(json.dumps(time.monotonic() - began), encoding="ascii")


def missing(names: list[str], folder: Path) -> list[str]:
    """Cases that folder, which is made, has no prediction of."""
    folder.mkdir(parents=True, exist_ok=True)
    return [name for name in names if not (folder / f"{name}.nii.gz").exists()]


def dices(predictions: Path, data: Path, names: list[str], segments: list[Segment]) -> list[list[float]]:
    """Dice of every structure of every case, on the grid of its image; all cases have all structures."""
    values = [segment.label_value for segment in segments]
    found = []
    for name in names:
        predicted = read_volume(predictions / f"{name}.nii.gz")
        truth = read_truth(data / "labelsTr" / f"{name}.nii.gz", predicted.grid, segments).labels.array_kji
        found.append([dice for dice in dice_by_value(predicted.array_kji, truth, values) if dice is not None])
    return found


def told(title: str, found: list[list[float]], segments: list[Segment], seconds: float) -> str:
    """A line with the mean Dice, its interval, that of every structure, and the time for training."""
    mean = mean_interval([fmean(case) for case in found])
    parts = [f"{segment.name} {fmean(column):.4f}" for segment, *column in zip(segments, *found, strict=True)]
    interval = f"{mean.low:.4f} to {mean.high:.4f}"
    return f"{title}: mean Dice {mean.value:.4f} ({interval}); {', '.join(parts)}; {seconds / 60:.1f} min"


def main() -> None:
    """Train both, predict, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=55.0)
    parser.add_argument("--folder", type=Path, default=Path("runs/nnunet_hippocampus"))
    arguments = parser.parse_args()
    data, folder = arguments.data.resolve(), arguments.folder.resolve()
    segments = list(FineTuningRecipe.read(RECIPE).cases.segments)
    with SPLIT.open(encoding="utf-8") as stream:
        names = {row["name"]: row["split"] for row in csv.DictReader(stream)}
    measured = sorted(name for name in names if names[name] == "validation")
    means = []
    for title, part, kind in (("ours", "ours", Ours), ("nnU-Net v2", "nnunet", NnUnet)):
        method = kind(folder / part, data, arguments.minutes)
        method.train(names)
        found = dices(method.predict(measured), data, measured, segments)
        seconds = json.loads((folder / part / SECONDS).read_text(encoding="ascii"))
        print(told(title, found, segments, seconds), flush=True)
        means.append([fmean(case) for case in found])
    ours, theirs = means
    compared = compare_paired(ours, theirs)
    print(f"difference {fmean(ours) - fmean(theirs):+.4f}, better in {compared.higher} of {compared.cases} cases")
    print(f"Wilcoxon p {compared.wilcoxon_p:.3g}, permutation p {compared.permutation_p:.3g}")
    sys.exit(fmean(ours) < fmean(theirs))


if __name__ == "__main__":
    main()
