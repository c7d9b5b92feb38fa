"""The phantom task's pairs: slices of phantoms with embeddings of their pictures and captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from Med3DInsightLib.volumes import Plane, SlicePlace, slices_of

from .anatomy import ORGANS, Phantom, PhantomSettings, draw_phantoms
from .slice_contents import (
    PLANES,
    Contents,
    WrongCaption,
    contents_of,
    empty_words,
    generic_words,
    organ_mistaken,
    picture_of,
    side_mistaken,
    words_of,
)

_WORDS = len(PLANES) + 3 * len(ORGANS)


@dataclass(frozen=True)
class PhantomPairsSettings:
    """How many slices of each plane have a caption, and what the frozen towers are like.

    cone is the length per component of an offset that all embeddings of a tower share, as those of CLIP do.
    """

    phantoms: PhantomSettings = field(default_factory=PhantomSettings)
    training_slices: int = 4
    test_slices: int = 8
    embedding: int = 64
    hidden: int = 128
    cone: float = 0.6


@dataclass(frozen=True, eq=False)
class PhantomSlices:
    """V phantoms with S slices each.

    images is (V, 1, K, J, I); places are V x S; image and text are (V, S, D), embeddings of length 1 of pictures and
    captions; right_text is text without mistakes, wrong (V, S) says where the two differ.
    """

    images: Tensor
    places: Sequence[Sequence[SlicePlace]]
    image: Tensor
    text: Tensor
    right_text: Tensor
    wrong: Tensor


def draw_phantom_pairs(
    settings: PhantomPairsSettings, wrong: float, kind: WrongCaption, seed: int
) -> tuple[PhantomSlices, PhantomSlices]:
    """Slices to learn from, a share `wrong` of whose captions is wrong, and slices to test with.

    Everything else depends on the seed only.
    """
    training, test = draw_phantoms(settings.phantoms, seed)
    generator = np.random.default_rng((seed, 1))
    towers = [_Tower(settings, torch.Generator().manual_seed(2 * seed + number)) for number in (0, 1)]
    chosen = _Chosen.of(training, settings.training_slices, generator)
    order = generator.permutation(chosen.count).reshape(len(training), -1)
    is_wrong: NDArray[np.bool_] = order < round(wrong * chosen.count)
    spoken = chosen.mistaken(kind, is_wrong)
    of_test = _Chosen.of(test, settings.test_slices, generator)
    return (
        _slices(training, chosen, towers, spoken, torch.from_numpy(is_wrong)),
        _slices(test, of_test, towers, of_test.words(), torch.zeros(len(test), of_test.per_volume, dtype=torch.bool)),
    )


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The slices of V phantoms, S of each, and what they show."""

    places: list[list[SlicePlace]]
    contents: list[list[Contents]]

    @classmethod
    def of(cls, phantoms: Sequence[Phantom], per_plane: int, generator: np.random.Generator) -> _Chosen:
        """per_plane slices of each plane, one from each of as many equal parts of the axis."""
        places: list[list[SlicePlace]] = []
        for phantom in phantoms:
            places.append([])
            for plane in PLANES:
                every = slices_of(phantom.volume.grid, plane)
                part = len(every) / per_plane
                places[-1] += [every[int((n + generator.random()) * part)] for n in range(per_plane)]
        contents = [
            [contents_of(phantom.labels_kji, place.plane, place.index) for place in of_phantom]
            for phantom, of_phantom in zip(phantoms, places, strict=True)
        ]
        return cls(places, contents)

    @property
    def per_volume(self) -> int:
        return len(self.places[0])

    @property
    def count(self) -> int:
        return len(self.places) * self.per_volume

    def words(self) -> NDArray[np.float64]:
        """What right captions say, (V, S, W)."""
        return self._each(words_of)

    def pictures(self) -> NDArray[np.float64]:
        """What the slices look like, (V, S, W)."""
        return self._each(picture_of)

    def mistaken(self, kind: WrongCaption, is_wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What captions say if those where is_wrong (V, S) is true are wrong: (V, S, W)."""
        right = self.words()
        if kind == WrongCaption.SWAPPED:
            wrong = right.copy()
            wrong[is_wrong] = np.roll(right[is_wrong], 1 + len(right[is_wrong]) // 2, axis=0)
        elif kind == WrongCaption.WRONG_PLANE:
            wrong = np.roll(right, self.per_volume // len(PLANES), axis=1)
        elif kind == WrongCaption.WRONG_ORGAN:
            wrong = self._each(lambda contents, plane: words_of(organ_mistaken(contents), plane))
        elif kind == WrongCaption.WRONG_SIDE:
            wrong = self._each(lambda contents, plane: words_of(side_mistaken(contents), plane))
        elif kind == WrongCaption.GENERIC:
            wrong = self._each(lambda contents, plane: generic_words(plane))
        else:
            wrong = np.broadcast_to(empty_words(), right.shape)
        return np.where(is_wrong[..., None], wrong, right)

    def _each(self, told: Callable[[Contents, Plane], NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.array(
            [
                [told(contents, place.plane) for contents, place in zip(of_contents, of_places, strict=True)]
                for of_contents, of_places in zip(self.contents, self.places, strict=True)
            ]
        )


class _Tower:
    """A frozen network with one hidden layer and random weights: what is told (V, S, W) to embeddings (V, S, D)."""

    def __init__(self, settings: PhantomPairsSettings, generator: torch.Generator) -> None:
        self._first = 1.5 * torch.randn(_WORDS, settings.hidden, generator=generator) / len(PLANES) ** 0.5
        self._bias = torch.randn(settings.hidden, generator=generator)
        self._second = torch.randn(settings.hidden, settings.embedding, generator=generator) / settings.hidden**0.5
        self._cone = settings.cone * torch.randn(settings.embedding, generator=generator)

    def __call__(self, told: NDArray[np.float64]) -> Tensor:
        hidden = torch.tanh(torch.from_numpy(told).float() @ self._first + self._bias)
        return functional.normalize(hidden @ self._second + self._cone, dim=-1)


def _slices(
    phantoms: Sequence[Phantom],
    chosen: _Chosen,
    towers: Sequence[_Tower],
    spoken: NDArray[np.float64],
    is_wrong: Tensor,
) -> PhantomSlices:
    picture_tower, text_tower = towers
    return PhantomSlices(
        torch.stack([torch.from_numpy(phantom.volume.array_kji)[None] for phantom in phantoms]),
        chosen.places,
        picture_tower(chosen.pictures()),
        text_tower(spoken),
        text_tower(chosen.words()),
        is_wrong,
    )
