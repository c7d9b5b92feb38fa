"""The phantom task: a student with PSAT learns from slices of phantoms, as in a pretraining run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from Med3DInsightLib.bundles import PsatSettings
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.pretrained_encoder import PretrainedEncoder
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.networks.psat.psat import Places
from Med3DInsightLib.volumes import slices_of

from ...alignment.alignment import Alignment
from ...alignment.settings import AlignmentSettings
from ...pretraining.learning.student import Student, unit
from ...pretraining.learning.training_step import ObjectiveSettings, TrainingStep
from ...pretraining.measuring.probes import ProbeSlices, linear_position_error, plane_accuracy, position_error
from ...pretraining.measuring.retrieval import recall_at
from ...pretraining.samples.batch import Batch
from ...reconstruction.reconstruction import Reconstruction
from ...reconstruction.settings import ReconstructionSettings
from .pairs import PhantomPairsSettings, draw_phantom_pairs
from .slice_contents import PLANES, WrongCaption


def _small_psat() -> PsatSettings:
    return PsatSettings(layers=2, heads=4, width=64, feed_forward=128, dropout=0.0, queries=4, embedding=64, levels=3)


@dataclass(frozen=True)
class PhantomTaskSettings:
    """What is trained and for how long; the defaults are those of every published figure.

    The backbone is a small nnFormer, the paper's. reconstruction: none is trained if there is None.
    """

    pairs: PhantomPairsSettings = field(default_factory=PhantomPairsSettings)
    kind: WrongCaption = WrongCaption.SWAPPED
    batch: int = 8
    slices: int = 8
    epochs: int = 60
    measure_every: int = 10
    learning_rate: float = 1e-3
    width: int = 16
    psat: PsatSettings = field(default_factory=_small_psat)
    alignment: AlignmentSettings = field(default_factory=AlignmentSettings)
    reconstruction: ReconstructionSettings | None = None


@dataclass(frozen=True)
class PhantomScores:
    """How good the student is after an epoch, on slices of phantoms that it has not seen.

    caption_recall and image_recall: R@10 among all test slices. caption_gap: distance of the centroids of read-outs and
    captions. plane_accuracy, position_error, linear_position_error: of probes of the read-outs of every slice,
    made from the training phantoms; errors are shares of the axis.
    memorised: by how much more similar (cosine) read-outs are to the wrong caption they were trained on than to others.
    wrong_share: the estimated share of wrong captions, if there is an estimate.
    What is of a term that is not trained is None.
    """

    epoch: int
    caption_recall: float | None
    image_recall: float | None
    caption_gap: float | None
    plane_accuracy: float
    position_error: float
    linear_position_error: float
    memorised: float | None
    wrong_share: float | None


class PhantomTask:
    """Trains a student with some wrong captions, and scores it every few epochs.

        for scores in PhantomTask(PhantomTaskSettings(), wrong=0.4, seed=0).run():
            print(scores.epoch, scores.caption_recall)

    Phantoms, student and the order of slices depend on the seed only, so arms are compared on the same.
    """

    def __init__(self, settings: PhantomTaskSettings, wrong: float, seed: int) -> None:
        self._settings = settings
        self._training, self._test = draw_phantom_pairs(settings.pairs, wrong, settings.kind, seed)
        self._grid = settings.pairs.phantoms.grid
        self._generator = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._step = _training_step(settings)
        self._optimizer = torch.optim.AdamW(
            self._step.parameters(), lr=settings.learning_rate, weight_decay=1e-2, fused=True
        )

    def run(self) -> Iterator[PhantomScores]:
        """Train epoch after epoch."""
        for epoch in range(1, self._settings.epochs + 1):
            order = torch.randperm(len(self._training.images), generator=self._generator)
            for volumes in order.split(self._settings.batch):
                self._learn(volumes)
            if epoch % self._settings.measure_every == 0 or epoch == self._settings.epochs:
                yield self._score(epoch)

    def _learn(self, volumes: Tensor) -> None:
        """One step with these volumes (B), and as many slices of each as the settings say."""
        training, wanted = self._training, self._settings.slices
        per_volume = training.text.shape[1]
        slices = torch.stack([torch.randperm(per_volume, generator=self._generator)[:wanted] for _ in volumes])
        batch = Batch(
            training.images[volumes],
            (self._grid,) * len(volumes),
            [[training.places[v][s] for s in of_v] for v, of_v in zip(volumes.tolist(), slices.tolist(), strict=True)],
            (volumes[:, None] * per_volume + slices).flatten(),
            torch.zeros(slices.numel(), dtype=torch.long),
            tuple(f"phantom {number}" for number in volumes.tolist()),
            tuple(int(number) for number in torch.randint(2**31, volumes.shape, generator=self._generator)),
        )
        targets = {
            "image": training.image[volumes[:, None], slices].flatten(0, 1),
            "text": training.text[volumes[:, None], slices].flatten(0, 1),
        }
        loss = self._step(batch, targets)
        self._optimizer.zero_grad(set_to_none=True)
        loss.total.backward()
        nn.utils.clip_grad_norm_(self._step.parameters(), 1.0)
        self._optimizer.step()

    @torch.no_grad()
    def _score(self, epoch: int) -> PhantomScores:
        self._step.eval()
        training, test = self._training, self._test
        known, unknown = self._probe_slices(training.images), self._probe_slices(test.images)
        seen, read = self._read(training.images, training.places), self._read(test.images, test.places)
        self._step.train()
        targets = {"image": test.image.flatten(0, 1), "text": test.text.flatten(0, 1)}
        recalls = {term: recall_at(read[term], targets[term], 10) for term in read}
        wrong = training.wrong.flatten()
        has_text = "text" in read
        memorised = torch.empty(0)
        if has_text:
            similarities = seen["text"] @ training.text.flatten(0, 1).mT
            memorised = (similarities.diagonal() - similarities.mean(-1))[wrong]
        return PhantomScores(
            epoch,
            recalls.get("text"),
            recalls.get("image"),
            float((read["text"].mean(0) - targets["text"].mean(0)).norm()) if has_text else None,
            plane_accuracy(known, unknown),
            position_error(known, unknown),
            linear_position_error(known, unknown),
            float(memorised.mean()) if len(memorised) else None,
            self._step.alignment.wrong_shares().get("text"),
        )

    def _read(self, images: Tensor, places: Places) -> dict[str, Tensor]:
        """Read-outs (V * S, D) of length 1, by term, of images (V, 1, K, J, I) at places (V x S)."""
        parts: dict[str, list[Tensor]] = {}
        for first in range(0, len(images), self._settings.batch):
            part = slice(first, first + self._settings.batch)
            grids = (self._grid,) * len(images[part])
            for term, read in self._step.student(images[part], grids, places[part]).items():
                parts.setdefault(term, []).append(unit(read))
        return {term: torch.cat(of_term) for term, of_term in parts.items()}

    def _probe_slices(self, images: Tensor) -> ProbeSlices:
        """Read-outs of every slice of images (V, 1, K, J, I), captioned or not."""
        every = [place for plane in PLANES for place in slices_of(self._grid, plane)]
        read = self._read(images, [every] * len(images))
        return ProbeSlices.of(read["text" if "text" in read else "image"], every * len(images))


def _training_step(settings: PhantomTaskSettings) -> TrainingStep:
    arguments: dict[str, Any] = {
        "in_channels": 1,
        "width": settings.width,
        "depths": [1, 1, 1, 1],
        "heads": [2, 2, 2, 2],
    }
    backbone = build_backbone("nnformer", **arguments)
    encoder = PretrainedEncoder(backbone, build_psat(settings.psat, backbone.channels, backbone.strides))
    width = settings.pairs.embedding
    terms = tuple(settings.alignment.term_weights())
    projections = nn.ModuleDict({"image": nn.Linear(width, width)} if len(terms) > 1 else {})
    reconstruction = None
    if settings.reconstruction is not None:
        reconstruction = Reconstruction(settings.reconstruction, backbone.channels, backbone.strides)
    alignment = Alignment(settings.alignment, {"image": width, "text": width})
    return TrainingStep(Student(encoder, terms, projections), alignment, reconstruction, ObjectiveSettings())
