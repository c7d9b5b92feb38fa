"""Small volumes with captions, and a recipe that learns from them in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from Med3DInsightLib.bundles import Architecture, HeadKind, ModelCard, PsatSettings
from Med3DInsightLib.captions import Caption, volume_hash
from Med3DInsightLib.captions.files.caption_lines import line_of
from Med3DInsightLib.volumes import (
    Grid,
    IntensityRule,
    IntensityScale,
    Modality,
    Plane,
    Recipe,
    Volume,
    slice_of,
    write_volume,
)
from med3dtrain.alignment.noise_share import NoiseShareSettings
from med3dtrain.alignment.settings import AlignmentSettings
from med3dtrain.pretraining.recipe import PretrainingRecipe, SourceSettings
from med3dtrain.pretraining.samples.draws import DrawSettings
from med3dtrain.pretraining.settings import PretrainingOptimisation, PretrainingPace
from med3dtrain.reconstruction.settings import ReconstructionSettings
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings

PLANES = (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL)
PATCH = (16, 16, 16)
STEPS = 20


def a_recipe_of_volumes(patch=PATCH):
    rule = IntensityRule(IntensityScale.PERCENTILES, 0.5, 99.5)
    return Recipe("RAS", (2.0, 2.0, 2.0), {"default": rule}, patch)


def a_head(seed, shape_kji=(20, 22, 24), codes_affine=None):
    """A smooth random volume, LPS oriented, 2 mm."""
    generator = np.random.default_rng(seed)
    array = generator.normal(size=shape_kji).cumsum(0).cumsum(1).cumsum(2)
    affine = np.diag([-2.0, -2.0, 2.0, 1.0]) if codes_affine is None else codes_affine
    affine[:3, 3] = [20.0, 25.0, -30.0 + seed]
    return Volume(array.astype(np.float32), Grid(shape_kji, affine), Modality.MR)


def a_caption_of(volume, plane, index, name="head", **changes):
    fields = {
        "format_version": 1,
        "volume_id": name,
        "volume_hash": volume_hash(volume),
        "plane": plane,
        "index": index,
        "position_mm": slice_of(volume.grid, plane, index).offset_ras_mm,
        "text": f"{plane} slice {index} of {name}",
        "backend": "file",
        "model": "somebody",
        "model_revision": "1",
        "prompt": "plain",
        "score": 1.0,
        "flags": (),
        "window": None,
    }
    return Caption(**{**fields, **changes})


def write_captions(path, captions):
    path.write_bytes(b"".join(line_of(caption) for caption in captions))
    return path


def write_heads(folder: Path, count=4, indices=(4, 9, 14)):
    """A folder with so many volumes, and a captions file with nine slices of each; returns both paths."""
    (folder / "volumes").mkdir(parents=True)
    captions = []
    for seed in range(count):
        volume = a_head(seed)
        write_volume(volume, folder / "volumes" / f"head{seed}.nii.gz")
        captions += [a_caption_of(volume, plane, index, f"head{seed}") for plane in PLANES for index in indices]
    return folder / "volumes", write_captions(folder / "captions.jsonl", captions)


def a_pretraining_card(embedding=20, patch=PATCH):
    psat = PsatSettings(
        layers=1, heads=2, width=16, feed_forward=16, queries=2, embedding=embedding, dropout=0.1, levels=2
    )
    backbone = {"init_filters": 8, "blocks": [1, 1, 1]}
    return ModelCard(
        format_version=1,
        name="tiny-encoder",
        version="0.0.1",
        title="Tiny encoder",
        description="For tests.",
        modalities=("MR",),
        architecture=Architecture("segresnet", backbone, HeadKind.NONE, psat=psat),
        recipe=a_recipe_of_volumes(patch),
        segments=(),
        trained_on="random volumes",
        licence="Apache-2.0",
        citation="none",
        results=(),
        observations=(),
        weights_sha256="",
        teacher="tiny clip",
    )


def a_pretraining_recipe(volumes: Path, captions: Path, teacher: Path, **changes):
    """20 steps of 2 crops with 3 slices; queue, noise estimate, dropout, average and augmentation are all on."""
    recipe = PretrainingRecipe(
        seed=3,
        source=SourceSettings(volumes, captions, held_out=0.25),
        teacher=TeacherSettings(TeacherBackend.JOINT, str(teacher), batch=8),
        card=a_pretraining_card(),
        sampling=DrawSettings(batch=2, slices_per_crop=3),
        reconstruction=ReconstructionSettings(cube=4),
        alignment=AlignmentSettings(queue=8, noise=NoiseShareSettings(window=32, warm_up=12, refit_every=6)),
        optimisation=PretrainingOptimisation(steps=STEPS, learning_rate=1e-3, warmup_steps=3, average_decay=0.9),
        pace=PretrainingPace(checkpoint_steps=10, measure_steps=10, tensorboard=False),
    )
    return replace(recipe, **changes)
