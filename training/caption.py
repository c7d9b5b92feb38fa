r"""Describe slices of volumes in words, for pretraining.

    python training/caption.py scans --output captions.jsonl --backend labels --labels maps --names names.json
    python training/caption.py scans --output captions.jsonl --backend transformers --model models/medgemma-4b-it
    python training/caption.py scans --output captions.jsonl --backend openai --model google/medgemma-4b-it \
        --url http://127.0.0.1:8000/v1 --allow-upload 127.0.0.1 --concurrency 16
    python training/caption.py scans --output captions.jsonl --backend file --texts reports.csv
    python training/caption.py merge captions.*-of-3.jsonl --output captions.jsonl

A job that was stopped, even by a power cut, goes on when it is started again. --dry-run shows pictures, prompts
and an estimate first, and sends nothing. docs/captions.md tells more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import tyro

from Med3DInsightLib.cli.language_model_options import BackendName, ServerOptions
from Med3DInsightLib.cli.terminal import hidden_native_messages
from Med3DInsightLib.volumes import Modality
from med3dtrain.captioning.command import CaptionRequest, caption, rehearse
from med3dtrain.captioning.merged import merge
from med3dtrain.captioning.options.groups import (
    AskingOptions,
    BackendOptions,
    CostOptions,
    LabelOptions,
    LocalOptions,
    ModelOptions,
    PictureOptions,
    QualityOptions,
    SliceOptions,
    TableOptions,
)
from med3dtrain.captioning.options.teacher_options import TeacherOptions
from med3dtrain.datasets.bad_input import OnBadInput
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command


@dataclass(frozen=True)
class Caption:
    """Describe slices of volumes in words."""

    volumes: tyro.conf.Positional[Path]
    """A folder (its sub-folders included), a list of paths, a volume file, or a folder with one DICOM series."""

    output: Path
    """Captions file (.jsonl); one that is there is continued."""

    backend: BackendName
    """labels: from label maps; file: from a table; transformers: a model on this computer; openai: a server."""

    pattern: str = "**/*"
    """Which files and sub-folders of a folder are volumes, such as "sub-*/anat/*_T1w.nii.gz"."""

    modality: Modality | None = None
    """How the volumes were made, if neither they nor the list say it."""

    slices: SliceOptions = field(default_factory=SliceOptions)
    pictures: PictureOptions = field(default_factory=PictureOptions)
    labels: LabelOptions = field(default_factory=LabelOptions)
    table: TableOptions = field(default_factory=TableOptions)
    model: ModelOptions = field(default_factory=ModelOptions)
    asking: AskingOptions = field(default_factory=AskingOptions)
    local: LocalOptions = field(default_factory=LocalOptions)
    server: ServerOptions = field(default_factory=ServerOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    teacher: TeacherOptions = field(default_factory=TeacherOptions)
    cost: CostOptions = field(default_factory=CostOptions)

    on_bad_input: OnBadInput = OnBadInput.SKIP
    """What to do at a volume that cannot be used: skip it with a line that names it, or stop."""

    shard: str = ""
    """Describe only part NUMBER/COUNT of the volumes, into a file of its own; see merge."""

    dry_run: bool = False
    """Write a contact sheet of some slices, show the prompts, estimate tokens and cost; nothing else happens."""

    overwrite: bool = False
    """Let --dry-run replace the contact sheet."""

    def run(self) -> None:
        """Do it; raises UserError for everything that the user can mend."""
        request = CaptionRequest(
            self.volumes,
            self.output,
            BackendOptions(self.backend, self.labels, self.table, self.model, self.asking, self.local, self.server),
            self.slices,
            self.pictures,
            self.quality,
            self.cost,
            self.teacher,
            self.pattern,
            self.modality,
            self.on_bad_input,
            self.shard,
        )
        if self.dry_run:
            rehearse(request, self.overwrite, print)
        else:
            caption(request, print)


@dataclass(frozen=True)
class Merge:
    """Put captions files together, each slice and source once."""

    files: tyro.conf.Positional[tuple[Path, ...]]
    """The files, such as captions.*-of-3.jsonl."""

    output: Path
    """The file to write."""

    skip_broken: bool = False
    """Leave out lines that are no captions, and tell which."""

    overwrite: bool = False
    """Replace the file if it is there."""

    def run(self) -> None:
        """Do it; raises UserError for everything that the user can mend."""
        merge(self.files, self.output, self.skip_broken, self.overwrite, print)


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    config = (tyro.conf.EnumChoicesFromValues, tyro.conf.OmitArgPrefixes)
    command: Caption | Merge
    if arguments[:1] == ["merge"]:
        command = parsed_command(Merge, arguments[1:], config=config, prog="caption.py merge")
    else:
        command = parsed_command(Caption, arguments, config=config, description=__doc__)
    kept = f"what was written is in {command.output}. Run it again to go on."
    with one_line_end(kept), hidden_native_messages(show=False):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
