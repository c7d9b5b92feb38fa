"""What the network sees of every case, prepared once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter
from torch import Tensor

from Med3DInsightLib.analysis.classes.classification import network_input
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes import Recipe

from ...datasets.classified_set import ClassifiedCase


@dataclass(frozen=True, eq=False)
class PreparedInputs:
    """N cases and their inputs (N, K, J, I) from 0 to 1, float16 and memory-mapped.

    inputs = PreparedInputs.of(cases, recipe, Path("cache"))
    inputs.read(7)          # (1, K, J, I), float32
    """

    cases: Sequence[ClassifiedCase]
    array: NDArray[np.float16]

    @classmethod
    def of(
        cls, cases: Sequence[ClassifiedCase], recipe: Recipe, cache: Path, shown: Iterable[ClassifiedCase] | None = None
    ) -> PreparedInputs:
        """The inputs of cases by a recipe, made now if the cache does not have them.

        shown goes over the cases and may show how far it is. Raises VolumeError for a volume that cannot be read.
        """
        told = [[case.sha256 for case in cases], TypeAdapter(Recipe).dump_python(recipe, mode="json")]
        path = cache / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}.inputs"
        shape = (len(cases), *recipe.patch_kji)
        if not path.exists() or path.stat().st_size != 2 * int(np.prod(shape)):
            inputs = [network_input(case.read(), recipe)[0, 0].half().numpy() for case in shown or cases]
            write_whole(path, np.stack(inputs).tobytes())
        return cls(cases, np.memmap(path, np.float16, "r", shape=shape))

    def read(self, number: int) -> Tensor:
        """One input (1, K, J, I) in float32."""
        return torch.from_numpy(np.array(self.array[number], np.float32))[None]
