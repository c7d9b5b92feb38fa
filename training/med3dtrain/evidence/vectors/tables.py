"""Tables and aims of the vector study."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from ...figures.confidence import Estimate, estimate
from ..arms import MeasuredArm
from ..study import Aim
from .task import VectorScores

_EARLY = 10
_LEAST_EARLY, _LEAST_LATE, _LEAST_LEAD, _MOST_GAP = 0.90, 0.85, 0.35, 0.20


class Measured(MeasuredArm[VectorScores]):
    """Scores of one arm of the vector task."""

    @property
    def epochs(self) -> int:
        """How many epochs were trained."""
        return len(self.scores[0])

    def recall(self, epoch: int) -> Estimate:
        """R@1 of captions after an epoch."""
        return estimate([run[epoch - 1].caption_recall for run in self.scores])

    def last(self, field: str) -> float | None:
        """Mean over seeds of one score after the last epoch, if there is one."""
        values = [getattr(run[-1], field) for run in self.scores]
        return None if None in values else fmean(values)


def table(rows: Sequence[Measured]) -> str:
    """Markdown: recall after 10 epochs and at the end, and what else there is at the end."""
    epochs = [_EARLY, rows[0].epochs] if rows[0].epochs > _EARLY else [rows[0].epochs]
    recalls = " | ".join(f"R@1, {epoch} epochs" for epoch in epochs)
    lines = [
        f"| | wrong | {recalls} | R@1 of images | gap | memorised | estimated wrong |",
        "|" + "---|" * (6 + len(epochs)),
    ]
    for row in rows:
        found = [f"{row.recall(epoch)}" for epoch in epochs]
        rest = [row.last(field) for field in ("image_recall", "caption_gap", "memorised", "wrong_share")]
        cells = [row.name, f"{row.wrong:.0%}", *found, *("" if value is None else f"{value:.3f}" for value in rest)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def aims_of(rows: Sequence[Measured]) -> list[Aim]:
    """What must hold with 40 % of the captions wrong, from the table of the loss modes."""
    by_arm = {(row.name, row.wrong): row for row in rows}
    clean, noisy = by_arm["robust", 0.0], by_arm["robust", 0.4]
    epochs = clean.epochs
    kept = {epoch: noisy.recall(epoch).mean / clean.recall(epoch).mean for epoch in {min(_EARLY, epochs), epochs}}
    early = kept[min(_EARLY, epochs)]
    aims = [
        Aim(f"robust keeps {_LEAST_EARLY:.0%} of its clean R@1 at 10 epochs", f"{early:.1%}", early >= _LEAST_EARLY)
    ]
    if epochs > _EARLY:
        lead = noisy.recall(epochs).mean - by_arm["infonce", 0.4].recall(epochs).mean
        late = kept[epochs]
        aims += [
            Aim(f"robust keeps {_LEAST_LATE:.0%} of it at {epochs} epochs", f"{late:.1%}", late >= _LEAST_LATE),
            Aim(f"and leads InfoNCE by {_LEAST_LEAD} there", f"{lead:.3f}", lead >= _LEAST_LEAD),
        ]
    gaps = {name: by_arm[name, 0.0].last("caption_gap") or 0.0 for name in ("infonce", "ot", "robust")}
    for name in ("ot", "robust"):
        share = gaps[name] / gaps["infonce"]
        aims.append(Aim(f"gap of {name} at most {_MOST_GAP:.0%} of InfoNCE's", f"{share:.1%}", share <= _MOST_GAP))
    return aims
