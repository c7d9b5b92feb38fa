"""Tables and aims of the phantom study."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from ...figures.confidence import Estimate, estimate
from ..arms import MeasuredArm
from ..study import Aim
from .task import PhantomScores

_LEAST_KEPT, _LEAST_CONDITIONING, _LEAST_PLANE, _MOST_POSITION = 0.75, 5.0, 0.99, 0.03
_COLUMNS = ("caption_gap", "plane_accuracy", "position_error", "linear_position_error", "memorised", "wrong_share")


class Measured(MeasuredArm[PhantomScores]):
    """Scores of one arm of the phantom task."""

    @property
    def epochs(self) -> list[int]:
        """After which epochs there are scores."""
        return [of_epoch.epoch for of_epoch in self.scores[0]]

    def over_seeds(self, field: str, place: int = -1) -> Estimate | None:
        """One score after the epoch in this place of epochs, if there is one."""
        values = [getattr(run[place], field) for run in self.scores]
        return None if None in values else estimate(values)


def table(rows: Sequence[Measured]) -> str:
    """Markdown: recall half-way and at the end, and what else there is at the end."""
    half = (len(rows[0].epochs) - 1) // 2
    epochs = rows[0].epochs[half], rows[0].epochs[-1]
    lines = [
        f"| | wrong | R@10, {epochs[0]} epochs | R@10, {epochs[1]} epochs | R@10 of pictures | gap | plane "
        "| position error | of a linear probe | memorised | estimated wrong |",
        "|" + "---|" * 11,
    ]
    for row in rows:
        recalls = [
            row.over_seeds("caption_recall", half),
            row.over_seeds("caption_recall"),
            row.over_seeds("image_recall"),
        ]
        cells = ["" if value is None else f"{value}" for value in recalls]
        means = [row.over_seeds(field) for field in _COLUMNS]
        cells += ["" if value is None else f"{value.mean:.3f}" for value in means]
        lines.append("| " + " | ".join([row.name, f"{row.wrong:.0%}", *cells]) + " |")
    return "\n".join(lines)


def aims_of(modes: Sequence[Measured], conditionings: Sequence[Measured]) -> list[Aim]:
    """What must hold on phantoms."""
    by_arm = {(row.name, row.wrong): row for row in modes}
    clean, noisy, baseline = by_arm["robust", 0.0], by_arm["robust", 0.4], by_arm["infonce", 0.4]
    kept = _recall(noisy) / _recall(clean)
    memorised = [fmean(run[place].memorised or 0.0 for run in baseline.scores) for place in (0, -1)]
    told = {row.name: row for row in conditionings}
    gain = _recall(told["position in mm"]) / max(_recall(told["not told"]), 1e-9)
    planes = fmean(run[-1].plane_accuracy for run in clean.scores)
    position = fmean(run[-1].position_error for run in clean.scores)
    return [
        Aim(
            "InfoNCE memorises wrong captions", f"{memorised[0]:.3f} to {memorised[1]:.3f}", memorised[1] > memorised[0]
        ),
        Aim(f"robust keeps {_LEAST_KEPT:.0%} of its clean R@10 there", f"{kept:.1%}", kept >= _LEAST_KEPT),
        Aim(f"conditioning gives {_LEAST_CONDITIONING:.0f} times the R@10", f"{gain:.1f}", gain >= _LEAST_CONDITIONING),
        Aim(f"plane probe at least {_LEAST_PLANE:.0%}", f"{planes:.1%}", planes >= _LEAST_PLANE),
        Aim(f"position within {_MOST_POSITION:.0%} of the axis", f"{position:.1%}", position <= _MOST_POSITION),
    ]


def _recall(row: Measured) -> float:
    """R@10 of captions at the end."""
    return fmean(run[-1].caption_recall or 0.0 for run in row.scores)
