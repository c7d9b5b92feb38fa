"""What is compared on the vector task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...alignment.settings import AlignmentSettings, MetricName, ModeName
from ..arms import Arm
from .task import VectorTaskSettings

_WRONG = 0.4


def modes(task: VectorTaskSettings, shares: Sequence[float]) -> list[Arm[VectorTaskSettings]]:
    """Every loss mode with every share of wrong captions; defaults but for the mode."""
    names: tuple[ModeName, ...] = ("infonce", "siglip", "paper", "ot", "robust")
    return [Arm(name, _with(task, AlignmentSettings(mode=name)), wrong) for name in names for wrong in shares]


def mends(task: VectorTaskSettings) -> list[Arm[VectorTaskSettings]]:
    """The paper's loss as published, and its weak points mended one after the other, ending with robust."""
    paper = AlignmentSettings(mode="paper", metric="diagonal", scale_gradient=True)
    weighted = AlignmentSettings(pull=0.0, estimate_mass=False)
    steps = {
        "as published: diagonal of M, gradient through the maximum": paper,
        "M = L L^T": replace(paper, metric="full"),
        "and the scale detached (mode paper)": replace(paper, metric="full", scale_gradient=False),
        "and pairs weighted by the partial plan, mass .95": weighted,
        "and a pull of the pairs": AlignmentSettings(estimate_mass=False),
        "and the mass estimated (mode robust)": AlignmentSettings(),
        "for comparison: robust told the mass": AlignmentSettings(estimate_mass=False, mass=1 - _WRONG),
    }
    return [Arm(name, _with(task, settings), wrong) for name, settings in steps.items() for wrong in (0.0, _WRONG)]


def metrics(task: VectorTaskSettings) -> list[Arm[VectorTaskSettings]]:
    """Robust with every metric."""
    names: tuple[MetricName, ...] = ("identity", "diagonal", "low_rank", "full")
    return [Arm(name, _with(task, AlignmentSettings(metric=name)), wrong) for name in names for wrong in (0.0, _WRONG)]


def terms(task: VectorTaskSettings) -> list[Arm[VectorTaskSettings]]:
    """Robust and InfoNCE aligned with the captions alone, instead of with images and captions."""
    names: tuple[ModeName, ...] = ("infonce", "robust")
    settings = {name: AlignmentSettings(mode=name, image_weight=0.0) for name in names}
    return [
        Arm(f"{mode}, captions only", _with(task, setting), wrong)
        for mode, setting in settings.items()
        for wrong in (0.0, _WRONG)
    ]


def small_batches(task: VectorTaskSettings) -> list[Arm[VectorTaskSettings]]:
    """Robust with batches of 8, alone and beside older pairs; a quarter of the epochs, each of 8 times the steps."""
    task = replace(task, batch=8, epochs=max(1, task.epochs // 4))
    return [
        Arm(f"batch of 8, {queue} older pairs", _with(task, AlignmentSettings(queue=queue)), _WRONG)
        for queue in (0, 56)
    ]


def _with(task: VectorTaskSettings, alignment: AlignmentSettings) -> VectorTaskSettings:
    return replace(task, alignment=alignment)
