"""What has to be known of a kind of model in order to evaluate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from Med3DInsightLib.analysis.computing.progress import Cancellation, ProgressCallback
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from .case_progress import CaseProgress
from .evaluated_case import CaseT, EvaluatedCase, PicturedCase, ResultT
from .intervals import BootstrapSettings
from .model import EvaluatedModel
from .report_head import ReportHead


class Report(Protocol):
    """Everything an evaluation found."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know before the figures."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The main figures, for a terminal."""

    def as_json(self) -> dict[str, Any]:
        """The content of report.json; a figure without a value is null."""


ReportT = TypeVar("ReportT", bound=Report)


class EvaluationTask(Protocol[CaseT, ResultT, ReportT]):
    """One kind of truth: how a case is measured and shown; see SegmentationTask and ClassificationTask.

    An Evaluation calls these in turn. Where a case cannot be used, VolumeError, DatasetError, EvaluationError or
    MemoryShortage names its file.
    """

    @property
    def models(self) -> Sequence[EvaluatedModel]:
        """One model, or two that are compared."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the figures beside models and cases, as JSON can hold it."""

    @property
    def steps_of_a_picture(self) -> int:
        """How often picture() runs a model."""

    def files(self, case: CaseT) -> dict[str, Fingerprint]:
        """The content of the files of a case, of which one is IMAGE."""

    def key(self, model: EvaluatedModel, files: Mapping[str, Fingerprint]) -> dict[str, Any]:
        """Everything that decides the result of a model in a case with these files."""

    def opened(self, case: CaseT) -> Callable[[EvaluatedModel, ProgressCallback, Cancellation | None], ResultT]:
        """Read the files of a case; what is returned measures a model with them."""

    def restored(self, entry: Any) -> ResultT:
        """The result whose as_json() is entry."""

    def told(self, results: Sequence[ResultT]) -> str:
        """The results of a case, one for each model, in a few words."""

    def report(self, head: ReportHead[CaseT, ResultT], bootstrap: BootstrapSettings) -> ReportT:
        """What all cases together say."""

    def worst(self, report: ReportT, count: int) -> Sequence[EvaluatedCase[CaseT, ResultT]]:
        """At most so many cases that went wrong, the worst first."""

    def picture(
        self, case: EvaluatedCase[CaseT, ResultT], progress: CaseProgress, cancel: Cancellation | None
    ) -> bytes:
        """A PNG of a case, whose files are read again."""

    def page(self, report: ReportT, pictures: Sequence[PicturedCase[CaseT, ResultT]]) -> bytes:
        """The content of report.html."""
