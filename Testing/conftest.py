"""Parts that many tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings

from Med3DInsightLib.bundles import Architecture, Bundle, HeadKind, ModelCard
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Code, Grid, IntensityRule, IntensityScale, Recipe, Segment, Volume

# A slow machine is no failure; where a failure would stop others, every run tries the same cases.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(autouse=True, scope="session")
def models_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the models, settings and tokens of whoever runs the tests out of them."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MED3DINSIGHT_MODELS", str(folder / "store"))
        patch.setenv("MED3DINSIGHT_SETTINGS", str(folder / "settings"))
        for name in ("MED3DINSIGHT_CATALOGUES", "HF_TOKEN", "HF_ENDPOINT"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def a_recipe() -> Recipe:
    rule = IntensityRule(IntensityScale.PERCENTILES, 0.5, 99.5)
    return Recipe("RAS", (2.0, 2.0, 2.0), {"default": rule}, (16, 16, 16), antialias=True)


@pytest.fixture
def a_card(a_recipe: Recipe) -> ModelCard:
    """A tiny three-class segmentation model for MR."""
    tissue = Code("85756007", "Tissue")
    return ModelCard(
        format_version=1,
        name="tiny",
        version="0.0.1",
        title="Tiny",
        description="Random weights, for tests.",
        modalities=("MR",),
        architecture=Architecture("segresnet", {"init_filters": 8, "blocks": [1, 1]}, HeadKind.SEGMENTATION, 3),
        recipe=a_recipe,
        segments=(
            Segment(1, "grey matter", (200, 200, 235), tissue, Code("389081007", "Gray matter")),
            Segment(2, "white matter", (250, 250, 225), tissue, Code("389080008", "White matter")),
        ),
        trained_on="nothing",
        licence="Apache-2.0",
        citation="none",
        results=(),
        observations=(),
        weights_sha256="",
    )


@pytest.fixture
def a_bundle(a_card: ModelCard, tmp_path: Path) -> Bundle:
    torch.manual_seed(0)
    return save_network(build_network(a_card.architecture), a_card, tmp_path / "bundles" / "tiny")


@pytest.fixture
def a_volume() -> Volume:
    """An oblique, anisotropic volume with a smooth random content."""
    generator = np.random.default_rng(0)
    array = generator.normal(size=(18, 22, 26)).cumsum(0).cumsum(1).cumsum(2).astype(np.float32)
    return Volume(array, Grid((18, 22, 26), oblique_affine()))


def oblique_affine() -> np.ndarray:
    """IJK to RAS mm: rotated about two axes, spacing 1.1 x 0.9 x 2.5 mm, with an offset."""
    angle_x, angle_z = 0.3, -0.5
    about_x = [[1, 0, 0], [0, np.cos(angle_x), -np.sin(angle_x)], [0, np.sin(angle_x), np.cos(angle_x)]]
    about_z = [[np.cos(angle_z), -np.sin(angle_z), 0], [np.sin(angle_z), np.cos(angle_z), 0], [0, 0, 1]]
    affine = np.eye(4)
    affine[:3, :3] = np.array(about_z) @ np.array(about_x) @ np.diag([1.1, 0.9, 2.5])
    affine[:3, 3] = [-30.0, 12.5, 77.0]
    return affine


@pytest.fixture
def shared_data() -> Path:
    """Real volumes; tests that need them are skipped where they are missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real volumes in {SHARED_DATA} are not on this computer")
    return SHARED_DATA
