"""Which local model is asked, and where it computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..prompting.sampling import Sampling


class NumberFormat(StrEnum):
    """The number format that a model computes in."""

    AUTO = "auto"
    """As its weights are stored on a GPU, float32 on the CPU, where the shorter ones are slow."""
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


@dataclass(frozen=True)
class TransformersSettings:
    """A model, its revision, and how it computes.

        TransformersSettings("models/medgemma-4b-it", device="cuda", batch=8)
        TransformersSettings("google/medgemma-4b-it", revision="290cda5", allow_download=True)

    model is a folder, or an id of the Hugging Face hub whose files are in its cache; they are downloaded only
    if allow_download says so. device is a name of torch, such as cpu, cuda, cuda:1 or mps. batch is how many
    pictures are read at once; memory that is too short for them halves it. Raises ValueError for what
    cannot be.
    """

    model: str
    revision: str = ""
    allow_download: bool = False
    device: str = "cpu"
    dtype: NumberFormat = NumberFormat.AUTO
    batch: int = 4
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise ValueError("no model is named")
        if self.batch < 1:
            raise ValueError(f"a batch of {self.batch} is empty")
