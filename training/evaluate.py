r"""Measure a model on cases whose truth is known, and write a report.

    python training/evaluate.py brain-tissue Task04_Hippocampus --output report
    python training/evaluate.py runs/first/hippocampus cases.csv --split test --output report
    python training/evaluate.py runs/first/hippocampus --images scans --labels maps --output report \
        --against runs/second/hippocampus

An evaluation that was stopped goes on when it is started again. docs/evaluation.md tells more.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

import tyro

from Med3DInsightLib.analysis.device import Device
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.cli.interruption import Interruption
from Med3DInsightLib.cli.terminal import hidden_native_messages, progress_bar
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Modality
from med3dtrain.datasets.bad_input import OnBadInput
from med3dtrain.datasets.cases import Case, list_cases, paired_cases
from med3dtrain.evaluation.intervals import BootstrapSettings
from med3dtrain.evaluation.segmentation.measures import Measure
from med3dtrain.evaluation.segmentation.scoring_settings import ScoringSettings


@dataclass(frozen=True)
class Evaluate:
    """Measure a model on cases whose truth is known, and write a report."""

    bundle: tyro.conf.Positional[str]
    """Name of a shipped model, or a folder with a bundle."""

    output: Path
    """Folder for report.html and report.json; finished cases are kept there too, so that a stopped run goes on."""

    cases: tyro.conf.Positional[Path | None] = None
    """A folder with imagesTr and labelsTr (or imagesTs and labelsTs), or a CSV with image, label and maybe split."""

    images: Path | None = None
    """In place of CASES: a folder with images ..."""

    labels: Path | None = None
    """... and one with label maps of the same names."""

    split: str = ""
    """Which cases: Tr or Ts of a folder, or what the column split of a CSV says."""

    against: str = ""
    """Another bundle with the same structures, measured on the same cases and compared case by case."""

    tolerance_mm: float = ScoringSettings.tolerance_mm
    """How far surfaces may be apart and still count as the same, for the surface Dice."""

    only: tuple[str, ...] = ()
    """Names of the structures that are measured, where the label maps lack some; all without it."""

    modality: Modality | None = None
    """How the images were made, if the files do not say it."""

    worst: int = 4
    """How many of the worst cases get a picture."""

    on_bad_input: OnBadInput = OnBadInput.STOP
    """At a case that cannot be used: stop, or skip it with a line that names it."""

    bootstrap: BootstrapSettings = field(default_factory=BootstrapSettings)

    device: Device = Device.AUTO
    """Where to compute."""

    overwrite: bool = False
    """Replace a report that is there."""

    def run(self, command: str, interruption: Interruption) -> None:
        """Do it; raises UserError for everything that the user can mend."""
        cases = self._cases()
        scoring = ScoringSettings(self.tolerance_mm, self.modality, self.only)
        # Mistakes in the arguments are found before torch is imported, which takes seconds.
        from med3dtrain.evaluation.model import EvaluatedModel, require_same_segments
        from med3dtrain.evaluation.run import FILES, Evaluation, EvaluationSettings

        models = [EvaluatedModel(ShippedModels().find(name), self.device) for name in self._bundles()]
        if len(models) > 1:
            require_same_segments(*models)
        settings = EvaluationSettings(
            scoring,
            self.bootstrap,
            self.worst,
            self.on_bad_input,
            self.overwrite,
            command,
            self.split,
        )
        with progress_bar() as show:
            report = Evaluation(models, settings, self.output, print, show, interruption).run(cases)
        for title, rows in zip(report.titles, report.summaries, strict=True):
            for row in rows:
                if row.measure == Measure.DICE and row.mean is not None:
                    print(f"{title}: Dice of {row.structure} {row.mean.value:.3f} ({len(row.defined)} cases)")
        for warning in report.warnings:
            print(f"warning: {warning}")
        for name in FILES:
            print(f"wrote {self.output / name}")

    def _bundles(self) -> list[str]:
        return [self.bundle, self.against] if self.against else [self.bundle]

    def _cases(self) -> list[Case]:
        if self.cases is not None and self.images is None and self.labels is None:
            return list_cases(self.cases, self.split)
        if self.cases is None and self.images is not None and self.labels is not None and not self.split:
            return paired_cases(self.images, self.labels)
        raise UserError(
            "the cases are not clear", next_step="give CASES, perhaps with --split, or both --images and --labels"
        )


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues, tyro.conf.OmitArgPrefixes)
    command = shlex.join(["python", "training/evaluate.py", *arguments])
    try:
        evaluate = tyro.cli(Evaluate, args=arguments, config=config, description=__doc__)
    except ValueError as error:  # settings tell in words what they cannot be
        sys.exit(f"Error: {error}. See --help.")
    try:
        with Interruption() as interruption, hidden_native_messages(show=False):
            evaluate.run(command, interruption)
    except UserError as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Error: interrupted; finished cases are kept in {evaluate.output}. Run it again to go on.")


if __name__ == "__main__":
    main(sys.argv[1:])
