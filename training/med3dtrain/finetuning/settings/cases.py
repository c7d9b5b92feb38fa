"""Which cases are learnt from and measured with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from Med3DInsightLib.volumes import Modality, Segment

from ...datasets.bad_input import OnBadInput


@dataclass(frozen=True)
class CasesSettings:
    """Which cases are learnt from and measured with."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    modality: Modality | None = None
    """How the images were made, where the files do not say."""
    structures: dict[int, str] = field(default_factory=dict)
    """Names by label value; else those of dataset.json, else numbers."""
    segments: tuple[Segment, ...] = ()
    """Instead of names: with colours and codes."""
    classes: tuple[str, ...] = ()
    """Names of classes in order of their numbers, for data sets that only number them."""
    validation: float = 0.2
    """Share of the cases to measure with."""
    folds: int = 0
    """Cross-validation: so many parts, each measured once; 0 for a single split."""
    fold: int = 0
    """Which part is measured with."""
    split: Path | None = None
    """CSV with the columns name,split (train, validation) instead of a split by the hash of the images."""
    test: Path | None = None
    """Cases that must not be learnt from: a folder or CSV like the source; images found in both are refused."""
    share: float = 1.0
    """Share of the training cases to learn from, as if there were no others."""
    on_bad_input: OnBadInput = OnBadInput.STOP
    """Whether to stop at, or to leave out, a case that cannot be used."""
    cache: Path | None = None
    """Where prepared cases are kept; without it, in the output folder."""

    def __post_init__(self) -> None:
        if not 0 < self.validation < 1 or not 0 < self.share <= 1:
            raise ValueError("validation and share are parts of the cases, from 0 to 1")
        if self.folds == 1 or self.folds < 0 or (self.folds and not 0 <= self.fold < self.folds):
            raise ValueError(f"there is no fold {self.fold} of {self.folds}")
