"""All loss modes by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .contrastive import InfoNCE, SigmoidLoss
from .loss_mode import LossMode
from .metrics import build_metric
from .settings import AlignmentSettings
from .transport_modes import BalancedTransport, PartialTransport, TransportCost, WeightedTransport

ModeBuilder = Callable[[AlignmentSettings, Sequence[int]], LossMode]


def _cost(settings: AlignmentSettings, widths: Sequence[int]) -> TransportCost:
    return TransportCost([build_metric(settings.metric, width) for width in widths], settings.scale_gradient)


LOSS_MODES: Mapping[str, ModeBuilder] = {
    "infonce": lambda settings, widths: InfoNCE(settings.temperature),
    "ot": lambda settings, widths: BalancedTransport(
        _cost(settings, widths), settings.reg, settings.stopping, settings.pull
    ),
    "paper": lambda settings, widths: PartialTransport(_cost(settings, widths), settings.reg, settings.stopping),
    "robust": lambda settings, widths: WeightedTransport(
        BalancedTransport(_cost(settings, widths), settings.reg, settings.stopping, settings.pull),
        settings.weight_stopping,
    ),
    "siglip": lambda settings, widths: SigmoidLoss(len(widths), settings.sigmoid_scale, settings.sigmoid_bias),
}


def build_mode(settings: AlignmentSettings, widths: Sequence[int]) -> LossMode:
    """The loss mode of the settings, for terms whose embeddings have these widths.

    What it returns is an nn.Module. Raises ValueError for an unknown mode or metric.
    """
    if settings.mode not in LOSS_MODES:
        raise ValueError(f"there is no loss mode '{settings.mode}'; choose from {', '.join(sorted(LOSS_MODES))}")
    return LOSS_MODES[settings.mode](settings, widths)
