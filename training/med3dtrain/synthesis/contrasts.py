"""Plausible and implausible tissue intensities for synthetic images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Range = tuple[float, float]


@dataclass(frozen=True)
class Contrast:
    """For every structure, the range of mean intensity it has in one kind of image.

    A structure without a range of its own takes that of its tissue, given by the tissue's name;
    one without either is drawn from the whole scale.
    """

    name: str
    ranges: dict[str, Range]
    share: float

    def draw(
        self, structures: tuple[str, ...], tissue_names: list[str], generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """One mean intensity per structure, about 0 to 1.

        All structures of a tissue move together, each with a small deviation of its own, as they
        do in real images.
        """
        position_of_tissue = {tissue: generator.uniform() for tissue in dict.fromkeys(tissue_names)}
        means = np.empty(len(structures), dtype=np.float32)
        for index, (structure, tissue) in enumerate(zip(structures, tissue_names, strict=True)):
            if structure in self.ranges:
                means[index] = generator.uniform(*self.ranges[structure])
            elif tissue in self.ranges:
                low, high = self.ranges[tissue]
                means[index] = low + (high - low) * position_of_tissue[tissue] + generator.normal(0.0, 0.015)
            else:
                means[index] = generator.uniform(0.0, 1.0)
        return means


_T1 = {
    "background": (0.0, 0.04),
    "CSF": (0.12, 0.34),
    "grey matter": (0.5, 0.68),
    "white matter": (0.8, 0.98),
    "thalamus": (0.62, 0.82),
    "pallidum": (0.72, 0.92),
    "putamen": (0.56, 0.74),
    "ventral diencephalon": (0.68, 0.9),
    "brain stem": (0.7, 0.92),
    "white matter lesion": (0.4, 0.85),
    "choroid plexus": (0.25, 0.6),
    "spinal cord": (0.6, 0.9),
    "skull": (0.03, 0.3),
    "bone marrow": (0.2, 1.1),
    "skin and fat": (0.3, 1.3),
    "soft tissue": (0.3, 1.1),
    "dura and sinus": (0.1, 0.6),
    "vessel": (0.05, 1.0),
    "eye": (0.1, 0.4),
    "airway": (0.02, 0.6),
}
_T1_WITH_CONTRAST = _T1 | {
    "dura and sinus": (0.7, 1.3),
    "vessel": (0.8, 1.4),
    "choroid plexus": (0.6, 1.2),
    "bone marrow": (0.4, 1.2),
}
_T2 = {
    "background": (0.0, 0.04),
    "CSF": (0.8, 1.0),
    "grey matter": (0.42, 0.6),
    "white matter": (0.24, 0.38),
    "thalamus": (0.34, 0.5),
    "pallidum": (0.15, 0.35),
    "white matter lesion": (0.4, 0.8),
    "skull": (0.0, 0.15),
    "bone marrow": (0.1, 0.7),
    "skin and fat": (0.2, 0.9),
    "soft tissue": (0.1, 0.6),
    "dura and sinus": (0.05, 0.5),
    "vessel": (0.0, 0.5),
    "eye": (0.7, 1.0),
    "airway": (0.0, 0.7),
}
_FLAIR = _T2 | {
    "CSF": (0.03, 0.2),
    "grey matter": (0.52, 0.68),
    "white matter": (0.36, 0.5),
    "white matter lesion": (0.5, 1.0),
    "eye": (0.05, 0.3),
}
_CT = {
    "background": (0.0, 0.02),
    "CSF": (0.2, 0.28),
    "grey matter": (0.42, 0.47),
    "white matter": (0.36, 0.41),
    "skull": (0.9, 1.0),
    "bone marrow": (0.7, 1.0),
    "skin and fat": (0.0, 0.3),
    "soft tissue": (0.3, 0.6),
    "airway": (0.0, 0.3),
}

CONTRASTS = (
    Contrast("T1", _T1, share=0.62),
    Contrast("T1 with contrast agent", _T1_WITH_CONTRAST, share=0.14),
    Contrast("T2", _T2, share=0.14),
    Contrast("FLAIR", _FLAIR, share=0.03),
    Contrast("CT", _CT, share=0.03),
    Contrast("random", {"background": (0.0, 0.1)}, share=0.04),
)
"""The mixture that is trained on, the easiest to learn from first. More random contrasts make the
network less dependent on the contrast and much slower to learn fine detail: see docs/brain_tissue.md."""


def require_shares(shares_by_name: Mapping[str, float]) -> None:
    """Raise ValueError for the name of no contrast, a negative share, or shares of which none is positive.

    No names at all are right: every contrast then has its own share.
    """
    unknown = set(shares_by_name) - {contrast.name for contrast in CONTRASTS}
    if unknown:
        known = ", ".join(contrast.name for contrast in CONTRASTS)
        raise ValueError(f"there is no contrast '{min(unknown)}'; choose from {known}")
    shares = shares_by_name.values()
    if shares_by_name and not (min(shares) >= 0 and sum(shares) > 0):
        raise ValueError("shares are not negative, and one of them is positive")


def draw_contrast(
    generator: np.random.Generator, progress: float = 1.0, shares_by_name: Mapping[str, float] | None = None
) -> Contrast:
    """One of CONTRASTS, with the probability that its share gives: its own, or that of its name (0 if it is missing).

    At progress 0 only the first that has a share is drawn; the shares of the others grow with progress up to 1.
    Raises ValueError as require_shares() does.
    """
    require_shares(shares_by_name or {})
    given = shares_by_name or {contrast.name: contrast.share for contrast in CONTRASTS}
    shares = np.array([given.get(contrast.name, 0.0) for contrast in CONTRASTS])
    shares[np.flatnonzero(shares)[1:]] *= progress
    return CONTRASTS[int(generator.choice(len(CONTRASTS), p=shares / shares.sum()))]
