"""Everything about the alignment that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .noise_share import NoiseShareSettings
from .transport import Stopping

ModeName = Literal["robust", "paper", "ot", "infonce", "siglip"]
"""See modes.py."""

MetricName = Literal["full", "low_rank", "diagonal", "identity"]
"""See metrics.py."""


@dataclass(frozen=True)
class AlignmentSettings:
    """How read-outs are aligned with the teacher's embeddings of slice and caption; ValueError if they cannot be."""

    mode: ModeName = "robust"
    """Which loss."""

    metric: MetricName = "full"
    """The distance of the transport modes."""

    reg: float = 0.03
    """Entropic regularisation of the plans, in units of the largest distance of the batch."""

    mass: float = 0.95
    """Share of the pairs that paper and robust match, as far as it is not estimated."""

    estimate_mass: bool = True
    """Let robust set the mass of each term to 1 - the estimated share of wrong pairs."""

    scale_gradient: bool = False
    """Let the gradient run through the largest distance of the batch, as the published code does."""

    temperature: float = 0.07
    """Of infonce."""

    sigmoid_scale: float = 10.0
    """Where the learnt scale of siglip starts."""

    sigmoid_bias: float = -10.0
    """Where the learnt bias of siglip starts."""

    image_weight: float = 1.0
    """Weight of the term that aligns with slices; 0 leaves the term out."""

    text_weight: float = 1.0
    """Weight of the term that aligns with captions; 0 leaves the term out."""

    pull: float = 0.05
    """Weight of the cosine distance of a pair in ot and robust, which closes the modality gap."""

    queue: int = 0
    """Older pairs that each step is compared with too, for batches that are too small for a plan."""

    noise: NoiseShareSettings = field(default_factory=NoiseShareSettings)
    stopping: Stopping = field(default_factory=lambda: Stopping(tolerance=1e-3, max_iterations=50))
    """Of the plans that losses are made of."""

    weight_stopping: Stopping = field(default_factory=lambda: Stopping(tolerance=1e-2, max_iterations=50))
    """Of the partial plan that only weights the pairs of robust."""

    def __post_init__(self) -> None:
        if not self.term_weights():
            raise ValueError("image_weight and text_weight are both 0; nothing is left to align with")
        if min(self.image_weight, self.text_weight, self.pull, self.queue) < 0:
            raise ValueError("image_weight, text_weight, pull and queue are not negative")
        if min(self.reg, self.temperature, self.sigmoid_scale) <= 0:
            raise ValueError("reg, temperature and sigmoid_scale are positive")
        if not 0 < self.mass <= 1:
            raise ValueError(f"mass is {self.mass:g}, not a share above 0 and at most 1")

    def term_weights(self) -> dict[str, float]:
        """The terms in use and their weights."""
        weights = {"image": self.image_weight, "text": self.text_weight}
        return {name: weight for name, weight in weights.items() if weight > 0}
