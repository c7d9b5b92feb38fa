"""What a pretrained encoder is worth when labels are few."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.storage import write_whole

from ...figures.charts import Chart, Curve, draw_charts
from ...figures.confidence import Estimate, estimate
from ..errors import FineTuningError
from ..settings.recipe import FineTuningRecipe
from ..settings.start import StartSettings
from .run_series import Train, figures_of, run_series

SCRATCH, PRETRAINED = "from scratch", "pretrained"
RESULTS, CHART = "label_efficiency.json", "label_efficiency.png"


@dataclass(frozen=True)
class MeasuredShare:
    """A share of the training cases, and the measure for every seed with both starts, seeds in the same order."""

    share: float
    scratch: tuple[float, ...]
    pretrained: tuple[float, ...]

    @property
    def gain(self) -> Estimate:
        """What the pretrained encoder is better by: the mean of the differences, which are paired by seed."""
        return estimate([ours - theirs for ours, theirs in zip(self.pretrained, self.scratch, strict=True)])


class LabelEfficiency:
    """Trains with several shares of the training cases, from scratch and from a pretrained encoder, with every seed.

        study = LabelEfficiency(recipe, pretrained="runs/small/small-encoder", train=train)
        measured = study.run(Path("runs/efficiency"), shares=[0.05, 0.1, 0.25, 1.0], seeds=3, report=print)

    Both starts have the architecture of the pretrained encoder, the same cases and as many steps. Runs go on where they
    were, and are not repeated when done. The validation cases are the same throughout; which training cases a share has
    depends on the seed.
    """

    def __init__(self, recipe: FineTuningRecipe, pretrained: str, train: Train, measure: str = "mean Dice") -> None:
        architecture = InstalledModels().find(pretrained).card.architecture
        network = replace(recipe.network, backbone=architecture.backbone, arguments=architecture.backbone_arguments)
        self._recipe = replace(recipe, network=network)
        self._pretrained = pretrained
        self._train = train
        self._measure = measure

    def run(
        self, folder: Path, shares: Sequence[float], seeds: int, report: Callable[[str], None]
    ) -> list[MeasuredShare] | None:
        """Train what is not done yet, and write the curve; None in all processes but the first.

        Raises UserError as the runs do.
        """
        recipes = {
            _name(start, share, seed): self._recipe_of(start, share, seed)
            for share in sorted(shares)
            for seed in range(seeds)
            for start in (SCRATCH, PRETRAINED)
        }

        def tell(name: str, bundle: Bundle) -> None:
            share, seed = recipes[name].cases.share, recipes[name].seed
            start = SCRATCH if recipes[name].start.bundle is None else PRETRAINED
            report(f"{share:.0%} of the cases, seed {seed}, {start}: {self._measure} {self._value(bundle):.4f}")

        bundles = run_series(folder, recipes, self._train, tell)
        if bundles is None:
            return None

        def values(start: str, share: float) -> tuple[float, ...]:
            return tuple(self._value(bundles[_name(start, share, seed)]) for seed in range(seeds))

        measured = [MeasuredShare(share, values(SCRATCH, share), values(PRETRAINED, share)) for share in sorted(shares)]
        write_whole(folder / RESULTS, json.dumps([asdict(each) for each in measured], indent=2).encode() + b"\n")
        draw_charts([_chart(measured, self._measure)], folder / CHART)
        return measured

    def _recipe_of(self, start: str, share: float, seed: int) -> FineTuningRecipe:
        begun = replace(self._recipe.start, bundle=self._pretrained) if start == PRETRAINED else StartSettings()
        return replace(self._recipe, seed=seed, cases=replace(self._recipe.cases, share=share), start=begun)

    def _value(self, bundle: Bundle) -> float:
        figures = figures_of(bundle)
        if self._measure not in figures:
            known = ", ".join(figures)
            raise FineTuningError(f"there is no measure '{self._measure}'", bundle.folder, f"choose one of: {known}")
        return figures[self._measure]


def _name(start: str, share: float, seed: int) -> str:
    """Of a run and its folder."""
    return f"{start.replace(' ', '-')}-{share:g}-{seed}"


def table(measured: Sequence[MeasuredShare], measure: str) -> str:
    """Markdown: both starts and the gain, with 95 % intervals over seeds."""
    lines = [f"| share of the cases | {measure}, {SCRATCH} | {PRETRAINED} | gain |", "|---|---|---|---|"]
    for each in measured:
        cells = [f"{each.share:.0%}", estimate(each.scratch), estimate(each.pretrained), each.gain]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _chart(measured: Sequence[MeasuredShare], measure: str) -> Chart:
    shares = [100 * each.share for each in measured]
    starts = {
        SCRATCH: [each.scratch for each in measured],
        PRETRAINED: [each.pretrained for each in measured],
    }
    curves = [Curve(name, shares, list(zip(*values, strict=True))) for name, values in starts.items()]
    return Chart("label efficiency", measure, curves, axis="share of the training cases, %")
