"""Phantoms: small volumes with organs that vary as those of patients do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from Med3DInsightLib.volumes import Grid, Volume


@dataclass(frozen=True)
class Organ:
    """An ellipsoid: usual centre and half axes in RAS, as shares of half the field of view, and brightness."""

    name: str
    brightness: float
    centre_ras: tuple[float, float, float]
    half_axes_ras: tuple[float, float, float]
    presence: float = 0.9


ORGANS = (
    Organ("right lung", 0.05, (0.48, 0.05, 0.5), (0.27, 0.36, 0.4)),
    Organ("left lung", 0.05, (-0.48, 0.05, 0.5), (0.25, 0.36, 0.4)),
    Organ("heart", 1.0, (-0.1, 0.2, 0.5), (0.24, 0.24, 0.24)),
    Organ("liver", 0.75, (0.38, 0.15, -0.02), (0.36, 0.36, 0.26)),
    Organ("stomach", 0.55, (-0.3, 0.35, -0.02), (0.22, 0.2, 0.2)),
    Organ("spleen", 0.65, (-0.55, -0.2, 0.02), (0.17, 0.2, 0.2)),
    Organ("right kidney", 0.9, (0.38, -0.42, -0.32), (0.14, 0.15, 0.22)),
    Organ("left kidney", 0.9, (-0.38, -0.42, -0.28), (0.14, 0.15, 0.22)),
    Organ("bladder", 0.45, (0.0, 0.2, -0.72), (0.22, 0.2, 0.17)),
    Organ("spine", 1.2, (0.0, -0.62, 0.0), (0.11, 0.11, 0.95), presence=1.0),
    Organ("lesion", 1.4, (0.0, 0.0, 0.0), (0.13, 0.13, 0.13), presence=0.6),
)
_BODY_BRIGHTNESS, _BODY_HALF_AXES = 0.35, (0.85, 0.75, 0.98)
_LESION_REACH = 0.5


@dataclass(frozen=True)
class PhantomSettings:
    """How many phantoms there are, and how they are drawn.

    size (voxels) and spacing (mm) are those of the cube that is scanned. jitter is the standard deviation of organs'
    centres as a share of half the field of view; half axes vary by up to a share of `growth`. noise is in units
    of brightness.
    """

    training: int = 32
    test: int = 24
    size: int = 32
    spacing_mm: float = 4.0
    jitter: float = 0.08
    growth: float = 0.3
    noise: float = 0.08

    @property
    def grid(self) -> Grid:
        """The grid (RAS, mm) of every phantom, its centre in the origin."""
        ijk_to_ras = np.diag([self.spacing_mm, self.spacing_mm, self.spacing_mm, 1.0])
        ijk_to_ras[:3, 3] = -self.spacing_mm * (self.size - 1) / 2
        return Grid((self.size, self.size, self.size), ijk_to_ras)


@dataclass(frozen=True, eq=False)
class Phantom:
    """A volume, and its label map [k, j, i]: n + 1 for ORGANS[n], 0 elsewhere."""

    volume: Volume
    labels_kji: NDArray[np.uint8]


def draw_phantoms(settings: PhantomSettings, seed: int) -> tuple[list[Phantom], list[Phantom]]:
    """Phantoms to learn from and phantoms to test with; later organs lie over earlier ones."""
    phantoms = list(_phantoms(settings, settings.training + settings.test, np.random.default_rng(seed)))
    return phantoms[: settings.training], phantoms[settings.training :]


def _phantoms(settings: PhantomSettings, count: int, generator: np.random.Generator) -> Iterator[Phantom]:
    axis = (np.arange(settings.size) - (settings.size - 1) / 2) * 2 / settings.size
    s, a, r = np.meshgrid(axis, axis, axis, indexing="ij")  # [k, j, i] of a grid in RAS
    positions_ras = np.stack([r, a, s])
    brightness = np.array([0.0, *(organ.brightness for organ in ORGANS)])
    body = _inside(positions_ras, np.zeros(3), np.array(_BODY_HALF_AXES))
    for _ in range(count):
        labels = np.zeros(r.shape, dtype=np.uint8)
        for number, organ in enumerate(ORGANS, start=1):
            if generator.random() < organ.presence:
                centre = np.array(organ.centre_ras) + generator.normal(0.0, settings.jitter, 3)
                if organ.name == "lesion":
                    centre += generator.uniform(-_LESION_REACH, _LESION_REACH, 3)
                growth = generator.uniform(1 - settings.growth, 1 + settings.growth, 3)
                labels[body & _inside(positions_ras, centre, np.array(organ.half_axes_ras) * growth)] = number
        array = np.where(labels > 0, brightness[labels], _BODY_BRIGHTNESS * body)
        array = array + generator.normal(0.0, settings.noise, labels.shape)
        yield Phantom(Volume(array.astype(np.float32), settings.grid), labels)


def _inside(
    positions_ras: NDArray[np.float64], centre: NDArray[np.float64], half_axes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    scaled = (positions_ras - centre[:, None, None, None]) / half_axes[:, None, None, None]
    inside: NDArray[np.bool_] = np.square(scaled).sum(0) < 1.0
    return inside
