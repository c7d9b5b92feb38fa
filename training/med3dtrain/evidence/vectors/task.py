"""The vector task: an encoder small enough to compare losses on a CPU in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...alignment.alignment import Alignment
from ...alignment.settings import AlignmentSettings
from .pairs import VectorPairs, VectorPairsSettings, draw_vector_pairs


@dataclass(frozen=True)
class VectorTaskSettings:
    """What is trained and for how long; the defaults are those of every published figure."""

    pairs: VectorPairsSettings = field(default_factory=VectorPairsSettings)
    batch: int = 64
    epochs: int = 40
    hidden: int = 512
    learning_rate: float = 1e-3
    alignment: AlignmentSettings = field(default_factory=AlignmentSettings)


@dataclass(frozen=True)
class VectorScores:
    """How good the encoder is after an epoch, on clean pairs that it has not seen.

    caption_recall, image_recall: R@1 among the test pairs.
    caption_gap: distance of the centroids of read-outs and captions (the modality gap).
    memorised: mean cosine similarity of read-outs with the wrong captions they were trained on.
    wrong_share: the estimated share of wrong captions, if there is an estimate.
    """

    epoch: int
    caption_recall: float
    image_recall: float
    caption_gap: float
    memorised: float | None
    wrong_share: float | None


class VectorEncoder(nn.Module):
    """Two hidden layers and one projection per teacher tower: (N, W) to a (N, D) read-out per term."""

    def __init__(self, settings: VectorTaskSettings) -> None:
        super().__init__()
        width, hidden = settings.pairs.input_width, settings.hidden
        self.trunk = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())
        self.image = nn.Linear(hidden, settings.pairs.embedding_width)
        self.text = nn.Linear(hidden, settings.pairs.embedding_width)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Read-outs by term."""
        features = self.trunk(x)
        return {"image": self.image(features), "text": self.text(features)}


class VectorTask:
    """Trains an encoder on vector pairs with some wrong captions, and scores it after every epoch.

        for scores in VectorTask(VectorTaskSettings(), wrong=0.4, seed=0).run():
            print(scores.epoch, scores.caption_recall)

    Task, encoder and the order of the pairs depend on the seed only, so modes are compared on the same.
    """

    def __init__(self, settings: VectorTaskSettings, wrong: float, seed: int) -> None:
        self._settings = settings
        self._training, self._test = draw_vector_pairs(settings.pairs, wrong, seed)
        self._generator = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._encoder = VectorEncoder(settings)
            width = settings.pairs.embedding_width
            self._alignment = Alignment(settings.alignment, {"image": width, "text": width})
        parameters = [*self._encoder.parameters(), *self._alignment.parameters()]
        self._optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate)

    def run(self) -> Iterator[VectorScores]:
        """Train epoch after epoch."""
        for epoch in range(1, self._settings.epochs + 1):
            order = torch.randperm(len(self._training.inputs), generator=self._generator)
            for ids in order.split(self._settings.batch):
                if len(ids) == self._settings.batch:
                    self._step(ids)
            yield self._score(epoch)

    def _step(self, ids: Tensor) -> None:
        pairs = self._training
        loss = self._alignment(
            self._encoder(pairs.inputs[ids]), {"image": pairs.image[ids], "text": pairs.text[ids]}, ids
        )
        self._optimizer.zero_grad(set_to_none=True)
        loss.total.backward()
        self._optimizer.step()

    @torch.no_grad()
    def _score(self, epoch: int) -> VectorScores:
        read_outs = _read(self._encoder, self._test)
        seen = _read(self._encoder, self._training)["text"]
        wrong = self._training.wrong
        memorised = (seen * self._training.text).sum(-1)[wrong].mean() if wrong.any() else None
        shares = self._alignment.wrong_shares()
        return VectorScores(
            epoch,
            recall_at_1(read_outs["text"], self._test.text),
            recall_at_1(read_outs["image"], self._test.image),
            float((read_outs["text"].mean(0) - self._test.text.mean(0)).norm()),
            None if memorised is None else float(memorised),
            shares.get("text"),
        )


def recall_at_1(read_outs: Tensor, teacher: Tensor) -> float:
    """Share of read-outs (N, D) whose nearest embedding (N, D), by cosine similarity, is their own."""
    nearest = (read_outs @ teacher.mT).argmax(-1)
    return float((nearest == torch.arange(len(nearest), device=nearest.device)).double().mean())


def _read(encoder: VectorEncoder, pairs: VectorPairs) -> dict[str, Tensor]:
    return {name: functional.normalize(x, dim=-1) for name, x in encoder(pairs.inputs).items()}
