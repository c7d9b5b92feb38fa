"""A request for captions, put together and carried out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from Med3DInsightLib.captions.backends import FileBackend, LabelsBackend
from Med3DInsightLib.captions.pictures.faces import DEFACED
from Med3DInsightLib.captions.quality import Agreement, QualitySettings
from Med3DInsightLib.cli.language_model_options import BackendName, naming_the_option
from Med3DInsightLib.cli.terminal import said_in_one_line
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Modality
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..datasets.bad_input import BadInput, OnBadInput
from ..datasets.volume_list import ListedVolume, list_volumes
from .backends import MakeModel, make_backend, prompt_of, source_of
from .described import DescribedSlices
from .job import CaptionJob
from .options.combinations import check_options
from .options.groups import (
    BackendOptions,
    Choice,
    CostOptions,
    PictureOptions,
    QualityOptions,
    SliceOptions,
)
from .options.teacher_options import TeacherOptions
from .rehearsal import Rehearsal
from .reporting.pace import Pace
from .reporting.progress_display import progress_display
from .reporting.summary import summary_path
from .reporting.unused_rows import tell_unused_rows
from .shard import JobShard
from .subjects.chosen import ChosenSlices
from .subjects.label_maps import LabelMaps
from .subjects.reading import Draw, Subjects
from .waiting import WaitingSlices

Report = Callable[[str], None]


@dataclass(frozen=True)
class CaptionRequest:
    """Which slices of which volumes are described by whom, into which file."""

    volumes: Path
    output: Path
    backend: BackendOptions
    slices: SliceOptions
    pictures: PictureOptions
    quality: QualityOptions
    cost: CostOptions
    teacher: TeacherOptions = field(default_factory=TeacherOptions)
    pattern: str = "**/*"
    modality: Modality | None = None
    on_bad_input: OnBadInput = OnBadInput.SKIP
    shard: str = ""

    @property
    def choice(self) -> Choice:
        """How slices are chosen: as said, or all that a table has texts for, or evenly."""
        default = Choice.ALL if self.backend.backend == BackendName.FILE else Choice.UNIFORM
        return self.slices.choice or default

    @property
    def remark(self) -> str:
        """What is special about the pictures."""
        return DEFACED if self.pictures.deface else ""

    @property
    def path(self) -> Path:
        """The file that is written: that of the shard if there is one."""
        return JobShard.parse(self.shard).file(self.output) if self.shard else self.output


def caption(request: CaptionRequest, report: Report, make_model: MakeModel | None = None) -> None:
    """Write the captions and their summary; raises UserError for everything that the user can mend.

    make_model takes the place of what opens a model or a server.
    """
    with said_in_one_line():
        parts = _Parts(request, report)
        with naming_the_option():
            backend = make_backend(request.backend, request.slices.seed, request.remark, make_model)
        quality = QualitySettings(**asdict(request.quality))
        agreement = _agreement(request.teacher)
    pace = Pace(len(parts.volumes))
    waiting = WaitingSlices(parts.volumes, parts.subjects, parts.chosen, parts.fingerprints, parts.bad, pace)
    job = CaptionJob(backend, quality, waiting, pace, parts.bad, agreement)
    with progress_display() as show:
        summary = job.run(request.path, parts.choice, _settings(request), show)
    summary = replace(summary, price_in=request.cost.price_in, price_out=request.cost.price_out)
    summary.write(summary_path(request.path))
    for line in summary.lines():
        report(line)
    if isinstance(backend, FileBackend):
        tell_unused_rows(backend, request.path, report, may_fit_nothing=bool(request.shard))
        return
    missing = sum(summary.undescribed.values())
    if missing:
        raise UserError(f"{missing} slices got no caption", request.path, "run it again to ask for them once more")


def rehearse(request: CaptionRequest, overwrite: bool, report: Report) -> None:
    """Show what caption() would do; raises UserError for everything that the user can mend."""
    sheet = request.path.with_name(f"{request.path.stem}.sheet.png")
    if sheet.exists() and not overwrite:
        raise UserError("already exists", sheet, "choose another --output, or allow overwriting (--overwrite)")
    backend = request.backend
    with said_in_one_line():
        parts = _Parts(request, report)
        asks = backend.backend in (BackendName.TRANSFORMERS, BackendName.OPENAI)
        prompt = prompt_of(backend.asking) if asks else None
        described = _described(request, report) if request.path.is_file() else None
    is_labels = backend.backend == BackendName.LABELS
    labels = LabelsBackend(request.slices.seed, backend.labels.detailed) if is_labels else None
    rehearsal = Rehearsal(parts.subjects, parts.chosen, parts.bad, report, described)
    rehearsal.run(parts.volumes, sheet, prompt, labels, request.cost)


def _described(request: CaptionRequest, report: Report) -> DescribedSlices | None:
    try:
        source = source_of(request.backend, request.slices.seed, request.remark)
    except UserError as error:  # a model that is on another computer, for example: its revision is not known here
        report(f"what {request.path} describes already cannot be told: {error}")
        return None
    return DescribedSlices.in_file(request.path, source, report)


class _Parts:
    """What captions and their rehearsal have in common."""

    def __init__(self, request: CaptionRequest, report: Report) -> None:
        check_options(request.backend, request.slices, request.pictures.deface)
        request.teacher.check()
        labels = request.backend.labels
        self.maps = LabelMaps(labels.labels, labels.names) if labels.labels and labels.names is not None else None
        without = self.maps.folder if self.maps is not None else None
        if without is not None and request.volumes.is_dir() and without.samefile(request.volumes):
            raise UserError(
                "holds volumes and label maps", without, "tell them apart: --labels 'FOLDER/{name}_seg.nii.gz'"
            )
        listed = list_volumes(request.volumes, request.modality, request.pattern, without)
        volumes = self.maps.without_maps(listed) if self.maps is not None else listed
        self.volumes = JobShard.parse(request.shard).of(volumes) if request.shard else volumes
        draw = _deface() if request.pictures.deface else None
        self.subjects = Subjects(request.pictures.settings(), self.maps, draw)
        self.chosen = ChosenSlices(request.slices, request.choice)
        self.bad = BadInput(request.on_bad_input, report)
        self.choice = json.dumps([request.choice, asdict(request.slices), request.modality])

    def fingerprints(self, listed: ListedVolume) -> list[Fingerprint]:
        """Those of the volume, its label map, and the names of its values."""
        paths = [listed.path] if self.maps is None else [listed.path, self.maps.path_of(listed), self.maps.names_file]
        return [Fingerprint.of(path) for path in paths]


def _agreement(options: TeacherOptions) -> Agreement | None:
    if not options.teacher:
        return None
    from .teacher_agreement import open_agreement

    return open_agreement(options)


def _deface() -> Draw:
    from .subjects.faces import FaceRemoval

    return FaceRemoval().without_face


def _settings(request: CaptionRequest) -> dict[str, Any]:
    """The options as JSON, for the summary; keys are not among them."""
    told: dict[str, Any] = json.loads(json.dumps(asdict(request), default=str))
    return told
