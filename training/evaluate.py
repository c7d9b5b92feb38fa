r"""Measure a model on cases whose truth is known, and write a report.

    python training/evaluate.py hippocampus Task04_Hippocampus --output report
    python training/evaluate.py runs/first/hippocampus cases.csv --split test --output report
    python training/evaluate.py runs/first/hippocampus --images scans --labels maps --output report \
        --against runs/second/hippocampus
    python training/evaluate.py runs/adrenal/adrenal adrenalmnist3d_64.npz --output report

An evaluation that was stopped goes on when it is started again. docs/evaluation.md tells more.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle, HeadKind
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.cli.interruption import Interruption
from Med3DInsightLib.cli.terminal import hidden_native_messages, progress_bar
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Modality
from med3dtrain.datasets.bad_input import OnBadInput
from med3dtrain.datasets.cases import Case, list_cases, paired_cases
from med3dtrain.evaluation.intervals import BootstrapSettings
from med3dtrain.evaluation.one_line import one_line
from med3dtrain.evaluation.segmentation.scoring_settings import ScoringSettings
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command

if TYPE_CHECKING:
    from med3dtrain.evaluation.evaluated_case import CaseT, ResultT
    from med3dtrain.evaluation.task import EvaluationTask, ReportT


@dataclass(frozen=True)
class Evaluate:
    """Measure a model on cases whose truth is known, and write a report."""

    bundle: tyro.conf.Positional[str]
    """Name of an installed model (see "med3dinsight models"), or a folder with a bundle."""

    output: Path
    """Folder for report.html and report.json; finished cases are kept there too, so that a stopped run goes on."""

    cases: tyro.conf.Positional[Path | None] = None
    """For a model that segments: a folder with imagesTr and labelsTr (or imagesTs and labelsTs), or a CSV with image,
    label and maybe split. For one that classifies: a CSV with image, class and maybe split, or MedMNIST3D (.npz)."""

    images: Path | None = None
    """In place of CASES, for a model that segments: a folder with images ..."""

    labels: Path | None = None
    """... and one with label maps of the same names."""

    split: str = ""
    """Which cases: Tr or Ts of a folder, what the column split of a CSV says, or train, val or test of an .npz."""

    against: str = ""
    """Another bundle with the same structures or classes, measured on the same cases and compared case by case."""

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
        names = [self.bundle, self.against] if self.against else [self.bundle]
        bundles = [InstalledModels().find(name) for name in names]
        match bundles[0].card.architecture.head:
            case HeadKind.SEGMENTATION:
                self._segmentation(bundles, command, interruption)
            case HeadKind.CLASSIFICATION:
                self._classification(bundles, command, interruption)
            case _:
                raise UserError(
                    "the model neither segments nor classifies", bundles[0].folder, "fine-tune it first (finetune.py)"
                )

    # Mistakes in the arguments are found before torch is imported, which takes seconds.

    def _segmentation(self, bundles: Sequence[Bundle], command: str, interruption: Interruption) -> None:
        cases = self._segmented_cases()
        scoring = ScoringSettings(self.tolerance_mm, self.modality, self.only)
        from med3dtrain.evaluation.model import EvaluatedModel
        from med3dtrain.evaluation.segmentation.task import SegmentationTask

        models = [EvaluatedModel(bundle, HeadKind.SEGMENTATION, self.device) for bundle in bundles]
        self._evaluate(SegmentationTask(models, scoring), cases, command, interruption)

    def _classification(self, bundles: Sequence[Bundle], command: str, interruption: Interruption) -> None:
        if self.cases is None or self.images or self.labels or self.only:
            raise UserError(
                f"'{bundles[0].card.name}' classifies whole volumes, without label maps and structures",
                next_step="give CASES, a CSV or an .npz file, without --images, --labels and --only",
            )
        from med3dtrain.evaluation.classification.cases import list_class_cases
        from med3dtrain.evaluation.classification.task import ClassificationTask
        from med3dtrain.evaluation.model import EvaluatedModel

        cases = list_class_cases(self.cases, self.split, bundles[0].card.class_names, self.modality)
        models = [EvaluatedModel(bundle, HeadKind.CLASSIFICATION, self.device) for bundle in bundles]
        self._evaluate(ClassificationTask(models, self.modality), cases, command, interruption)

    def _evaluate(
        self,
        task: EvaluationTask[CaseT, ResultT, ReportT],
        cases: Sequence[CaseT],
        command: str,
        interruption: Interruption,
    ) -> None:
        from med3dtrain.evaluation.run import FILES, Evaluation, EvaluationSettings

        settings = EvaluationSettings(
            self.bootstrap, self.worst, self.on_bad_input, self.overwrite, command, self.split
        )
        with progress_bar() as show:
            report = Evaluation(task, settings, self.output, print, show, interruption).run(cases)
        for line in report.lines:
            print(one_line(line))
        for warning in report.warnings:
            print(one_line(f"warning: {warning}"))
        for name in FILES:
            print(f"wrote {self.output / name}")

    def _segmented_cases(self) -> list[Case]:
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
    evaluate = parsed_command(Evaluate, arguments, config=config, description=__doc__)
    kept = f"finished cases are kept in {evaluate.output}. Run it again to go on."
    with one_line_end(kept) as interruption, hidden_native_messages(show=False):
        evaluate.run(command, interruption)


if __name__ == "__main__":
    main(sys.argv[1:])
