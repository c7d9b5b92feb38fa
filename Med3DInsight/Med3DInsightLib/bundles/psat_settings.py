"""How a plane-slice-aware transformer is built, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict


class ConditioningKind(StrEnum):
    """How the transformer is told which slice is asked for."""

    CONTINUOUS = "continuous"
    """A function of the slice's normal and of its position in mm: any spacing, any orientation."""
    JOINT_TABLE = "joint_table"
    """One learned vector for each of the three planes and each pair of slice indices (the paper)."""
    NONE = "none"
    """Not at all: every slice reads the same. For comparison only."""


class ReadOutKind(StrEnum):
    """Which queries become the embedding."""

    FIRST = "first"
    MEAN = "mean"


@dataclass(frozen=True)
class PsatSettings:
    """Everything that decides the shape of a PSAT; part of a pretrained encoder's card.

        PsatSettings()                                  # the default: mended where the original is weak
        PsatSettings.faithful()                         # the sizes of arXiv 2509.09064
        replace(PsatSettings.faithful(), feed_forward=8)    # with the slip of the original code

    embedding is the number of dimensions of the teacher's space. levels is how many of the backbone's
    levels are attended, counted from the coarsest. table_positions and slices_per_position matter to
    the joint table only. condition_tokens adds plane and slice to the tokens as well as to the queries:
    this changes no attention weight and adds a constant (see Attention.of_constant), which the network
    has to learn to ignore. token_positions adds where tokens are (in mm) to them, and normalise_tokens
    normalises the backbone's features before they are projected to width.

    The default keeps the paper's depth and width. It differs in five things: the continuous
    conditioning, of the queries only, token positions, normalised tokens, and 16 queries instead of
    300, because one query is read out and the others only exchange what they found.

    Raises ValueError for sizes that cannot be built.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    layers: int = 6
    heads: int = 8
    width: int = 768
    feed_forward: int = 2048
    dropout: float = 0.1
    queries: int = 16
    read_out: ReadOutKind = ReadOutKind.FIRST
    embedding: int = 512
    conditioning: ConditioningKind = ConditioningKind.CONTINUOUS
    condition_tokens: bool = False
    table_positions: int = 128
    slices_per_position: int = 2
    token_positions: bool = True
    normalise_tokens: bool = True
    levels: int = 1

    def __post_init__(self) -> None:
        counts = ("layers", "heads", "width", "feed_forward", "queries", "embedding")
        for name in (*counts, "table_positions", "slices_per_position", "levels"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, not a positive whole number")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared among {self.heads} heads")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}, not between 0 and 1")

    @classmethod
    def faithful(cls) -> PsatSettings:
        """The published configuration: arXiv 2509.09064, with the feed-forward width of DETR.

        In the authors' code the feed-forward width is 8 by a misplaced argument.
        """
        return cls(
            queries=300,
            conditioning=ConditioningKind.JOINT_TABLE,
            condition_tokens=True,
            token_positions=False,
            normalise_tokens=False,
        )
