"""Everything that is trained, and the loss of a step."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict
from torch import Tensor, nn

from ...alignment.alignment import Alignment
from ...loops.batch_norms import untracked
from ...reconstruction.reconstruction import Reconstruction
from ..samples.batch import Batch
from .student import Student


@dataclass(frozen=True)
class ObjectiveSettings:
    """What is added to the alignment: the reconstruction, with this weight, 0 for none.

    With own_pass the encoder runs twice, on the whole crop for the alignment and on the visible part for the
    reconstruction. Without, it runs once, on the visible part, for both: about half the time, and read-outs are
    learnt from less than they will be made from later. A reconstruction that hides nothing needs no own pass.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    reconstruction_weight: float = 1.0
    own_pass: bool = True

    def __post_init__(self) -> None:
        if not self.reconstruction_weight >= 0:
            raise ValueError("reconstruction_weight is not negative")


class StepLoss(NamedTuple):
    """The loss of a step with its gradient, figures for the log, and read-outs to find what is not finite.

    A tuple, because DistributedDataParallel finds tensors in tuples; in a dataclass it overlooks them, and
    gradients are not averaged.
    """

    total: Tensor
    figures: dict[str, float]
    read_outs: dict[str, Tensor]


class TrainingStep(nn.Module):
    """Student, alignment and reconstruction as one module, so that several processes average all of their gradients.

    step = TrainingStep(student, alignment, reconstruction, ObjectiveSettings())
    loss = step(batch, targets)         # targets by term, (B * S, width)
    loss.total.backward()
    """

    def __init__(
        self, student: Student, alignment: Alignment, reconstruction: Reconstruction | None, settings: ObjectiveSettings
    ) -> None:
        super().__init__()
        self.student = student
        self.alignment = alignment
        self.reconstruction = reconstruction
        self.settings = settings

    def forward(self, batch: Batch, targets: dict[str, Tensor]) -> StepLoss:
        """The loss of one process's part of a step."""
        backbone, reconstruction = self.student.encoder.backbone, self.reconstruction
        if reconstruction is None:
            return self._aligned(backbone(batch.images), batch, targets)
        seen = reconstruction.hide(batch.images, batch.numbers)
        sees_the_whole = self.settings.own_pass and seen.hidden is not None
        # Running statistics are for whole volumes, which the encoder reads later.
        with untracked(backbone) if sees_the_whole else nullcontext():
            features = backbone(seen.volumes)
        restored = reconstruction.loss(features, batch.images, seen.hidden)
        if sees_the_whole:
            features = backbone(batch.images)
        aligned = self._aligned(features, batch, targets)
        total = aligned.total + self.settings.reconstruction_weight * restored
        figures = {**aligned.figures, "reconstruction loss": float(restored.detach())}
        return StepLoss(total, figures, aligned.read_outs)

    def _aligned(self, features: list[Tensor], batch: Batch, targets: dict[str, Tensor]) -> StepLoss:
        read_outs = self.student.read_outs(features, batch.grids, batch.places)
        aligned = self.alignment(read_outs, targets, batch.slices)
        figures = {f"{term} loss": loss for term, loss in aligned.terms.items()}
        figures |= {f"{term} mass": mass for term, mass in aligned.mass.items()}
        return StepLoss(aligned.total, figures, read_outs)
