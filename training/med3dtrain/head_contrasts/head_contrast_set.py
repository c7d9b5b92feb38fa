"""Writing a set of heads and the table of their classes."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track
from torch import Tensor

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import whole_file, write_whole
from Med3DInsightLib.volumes import write_volume

from ..datasets.case_table import IMAGE, SPLIT
from ..datasets.classified_table import CLASS
from ..datasets.split import Subset
from ..synthesis.label_maps import read_label_maps
from ..synthesis.label_table import LabelTable
from ..synthesis.same_images import require_same_images
from .heads import Heads
from .settings import HeadContrastSettings, Scanner

TABLE = "cases.csv"
_HEADS = "heads"


@dataclass(frozen=True, eq=False)
class _Part:
    """The heads of one class in one subset."""

    name: str
    subset: Subset
    scanner: Scanner
    paths: list[Path]

    @property
    def missing(self) -> list[Path]:
        return [path for path in self.paths if not path.exists()]


class HeadContrastSet:
    """Draws heads of every class from label maps, and lists them as `finetune.py classify` reads them.

        HeadContrastSet(settings, configs, Path("synthseg_labels"), print).write(Path("runs/head-contrast-set"))

    OUTPUT/heads has the heads, OUTPUT/cases.csv their classes and subsets. Started again it draws what is missing; more
    heads can be asked for later, and those that are there stay what they are. configs is the folder of the label table.
    """

    def __init__(
        self, settings: HeadContrastSettings, configs: Path, labels: Path, report: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._label_table = configs / settings.label_table
        self._labels = labels
        self._report = report

    def write(self, output: Path) -> Path:
        """Write the set and return its table; raises UserError if something cannot be read, written or used."""
        table = self._read_label_table()
        names = self._label_map_names()
        try:
            label_maps = [self._labels / name for name in names]
            require_same_images(output, self._settings.what_decides(), self._label_table, label_maps)
            (output / _HEADS).mkdir(exist_ok=True)
            rows = [
                row
                for subset in (Subset.TRAINING, Subset.VALIDATION)
                for row in self._rows(subset, names, table, output)
            ]
            write_whole(output / TABLE, _as_csv(rows))
        except OSError as error:
            raise UserError(f"cannot be written ({error.strerror})", output, "choose another folder") from error
        return output / TABLE

    def _rows(
        self, subset: Subset, names: Collection[str], table: LabelTable, output: Path
    ) -> Iterator[tuple[str, str, str]]:
        """Draw what is missing of one subset, and give the rows of all of it."""
        parts = self._parts(subset, output / _HEADS)
        held_out = set(self._settings.held_out)
        left_out = held_out if subset == Subset.TRAINING else set(names) - held_out
        spacing = self._settings.scanners[0].synthesis.label_spacing_mm
        is_complete = not any(part.missing for part in parts)
        label_maps = [] if is_complete else read_label_maps(self._labels, table, spacing, left_out)
        for part in parts:
            self._draw(part, label_maps, table)
            yield from ((f"{_HEADS}/{path.name}", part.name, str(subset)) for path in part.paths)

    def _parts(self, subset: Subset, folder: Path) -> list[_Part]:
        settings = self._settings
        count = settings.training_heads if subset == Subset.TRAINING else settings.validation_heads
        return [
            _Part(name, subset, scanner, [folder / _file_name(name, subset, number) for number in range(count)])
            for scanner in settings.scanners
            for name in scanner.classes
        ]

    def _draw(self, part: _Part, label_maps: list[Tensor], table: LabelTable) -> None:
        missing = set(part.missing)
        if missing:
            seed = zlib.crc32(f"{self._settings.seed} {part.subset} {part.name}".encode())
            heads = Heads(label_maps, table, part.scanner, part.name, seed)
            for number, path in enumerate(track(part.paths, f"{part.name}, {part.subset}", transient=True)):
                if path in missing:
                    with whole_file(path, alone=True) as unfinished:
                        write_volume(heads.draw(number), unfinished)
        self._report(
            f"{part.name}, {part.subset}: {len(missing)} heads drawn, {len(part.paths) - len(missing)} were there"
        )

    def _read_label_table(self) -> LabelTable:
        try:
            return LabelTable.read(self._label_table)
        except (OSError, KeyError, ValueError) as error:
            raise UserError(f"cannot be read as a label table ({error})", self._label_table) from error

    def _label_map_names(self) -> list[str]:
        names = sorted(path.name for path in self._labels.glob("*.nii.gz"))
        absent = sorted(set(self._settings.held_out) - set(names))
        if absent:
            raise UserError(f"has no {absent[0]}, which is held out", self._labels, "choose the folder of label maps")
        if len(names) == len(self._settings.held_out):
            raise UserError("all label maps are held out", self._labels, "hold out fewer of them")
        return names


def _file_name(name: str, subset: Subset, number: int) -> str:
    return f"{name.replace(' ', '-')}_{subset}_{number:04}.nii.gz"


def _as_csv(rows: Collection[tuple[str, str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([(IMAGE, CLASS, SPLIT), *rows])
    return text.getvalue().encode()
