"""A small data set that a network of a few thousand weights can learn: a bright ball and a dark cube."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from Med3DInsightLib.volumes import Grid, Modality, Volume, write_volume
from med3dtrain.finetuning.settings.about import AboutSettings
from med3dtrain.finetuning.settings.augmentation import AugmentationSettings
from med3dtrain.finetuning.settings.cases import CasesSettings
from med3dtrain.finetuning.settings.network import NetworkSettings
from med3dtrain.finetuning.settings.plan import PlanSettings
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.loops.settings import OptimisationSettings, PatientPaceSettings

REPOSITORY = Path(__file__).parents[3]
STRUCTURES = {1: "ball", 2: "cube"}
SPACING_MM = (2.0, 2.0, 2.0)


def an_affine(spacing_ijk_mm=SPACING_MM):
    affine = np.diag([*spacing_ijk_mm, 1.0])
    affine[:3, 3] = (-20.0, 10.0, 5.0)
    return affine


def a_case(seed, shape_kji=(18, 20, 17), spacing_ijk_mm=SPACING_MM, cube=True):
    """Image and label map: (Volume, Volume)."""
    generator = np.random.default_rng(seed)
    labels = np.zeros(shape_kji, np.uint8)
    k, j, i = np.indices(shape_kji)
    centre = [size / 2 + generator.uniform(-2, 2) for size in shape_kji]
    ball = (k - centre[0]) ** 2 + (j - centre[1] + 4) ** 2 + (i - centre[2]) ** 2 < generator.uniform(2.8, 3.6) ** 2
    labels[ball] = 1
    if cube:
        k0, j0, i0 = (int(at) for at in centre)
        labels[k0 - 2 : k0 + 3, j0 + 2 : j0 + 7, i0 - 2 : i0 + 3] = 2
    array = np.array([0.4, 1.0, 0.0], np.float32)[labels] + 0.05 * generator.standard_normal(shape_kji)
    grid = Grid(shape_kji, an_affine(spacing_ijk_mm))
    return Volume((100 * array).astype(np.float32), grid, Modality.MR), Volume(labels, grid)


def write_case(folder: Path, name: str, image: Volume, label: Volume) -> None:
    for kind, volume in (("imagesTr", image), ("labelsTr", label)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        write_volume(volume, folder / kind / f"{name}.nii.gz")


def write_data_set(folder: Path, count=8) -> Path:
    for seed in range(count):
        write_case(folder, f"case{seed}", *a_case(seed))
    return folder


def a_recipe(**changes):
    """Three minutes of patience are not needed: twelve steps of a tiny network, everything switched on."""
    recipe = FineTuningRecipe(
        seed=5,
        about=AboutSettings(name="tiny", licence="CC0-1.0"),
        cases=CasesSettings(modality=Modality.MR, structures=STRUCTURES, validation=0.25),
        plan=PlanSettings(batch=2, voxels=16**3),
        network=NetworkSettings(arguments={"init_filters": 8, "blocks": (1, 1, 1)}),
        augmentation=AugmentationSettings(),
        optimisation=OptimisationSettings(steps=12, learning_rate=3e-3, warmup_steps=2, average_decay=0.8),
        pace=PatientPaceSettings(checkpoint_steps=4, measure_steps=6, tensorboard=False),
    )
    return replace(recipe, **changes)
