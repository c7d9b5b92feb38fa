"""med3dinsight segment: structures of one volume."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..analysis.computing.progress import ProgressCallback
from ..analysis.requests import SegmentRequest
from ..analysis.segmentations.segmentation_result import SegmentationResult
from ..catalog.installed import InstalledModels
from ..errors import printable
from ..volumes import Modality, Volume
from ..volumes.errors import errors_naming
from ..volumes.files.reading import read_fingerprinted
from .interruption import Interruption
from .local_analysis import LocalAnalysis
from .shared_worker import segment_with_shared_worker
from .terminal import progress_bar


@dataclass(frozen=True)
class SegmentCommand:
    """Segment a volume and write labels, a 3D Slicer segmentation, a report and a picture.

    OUTPUT gets labels.nii.gz and labels.seg.nrrd on the grid of the input, result.json with the
    volume of every structure in ml, and preview.png. The files appear together or not at all.

    Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder for the results; it is created if needed."""

    request: Annotated[SegmentRequest, tyro.conf.OmitArgPrefixes] = field(default_factory=SegmentRequest)

    modality: Modality | None = None
    """Say how the image was made if the file does not; models may treat CT and MR differently."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace results that are already in the output folder."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        # Mistakes in the arguments are found before torch is imported, which takes seconds.
        bundle = InstalledModels().find(self.request.model)
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        from ..export.segmentation_folder import FILES, write_segmentation_files
        from ..storage import staged_files

        with staged_files(self.output, FILES, self.overwrite) as staging:
            with progress_bar() as show, errors_naming(self.input):
                # The shared worker has another current folder, so the bundle is named in full.
                request = replace(self.request, model=str(bundle.folder.resolve()))
                result = self._segment(request, volume, show, interruption)
            write_segmentation_files(staging, fingerprint, volume, bundle.card, result)
        self._print_summary(result.volumes_ml(), FILES)

    def _segment(
        self, request: SegmentRequest, volume: Volume, show: ProgressCallback, interruption: Interruption
    ) -> SegmentationResult:
        if self.worker:
            return segment_with_shared_worker(request, volume, show, interruption)
        return LocalAnalysis().segment(request, volume, show, interruption)

    def _print_summary(self, volumes_ml: dict[str, float], files: tuple[str, ...]) -> None:
        console = Console()
        console.print(f"{self.input.name}, model {self.request.model}", soft_wrap=True, highlight=False, markup=False)
        table = Table("structure", "volume (ml)")
        table.columns[1].justify = "right"
        for name, volume_ml in volumes_ml.items():
            table.add_row(Text(printable(name)), f"{volume_ml:.1f}")  # a card may hold what looks like markup
        console.print(table)
        if not any(volumes_ml.values()):
            console.print("No structure of this model was found. Is the volume of the kind the model expects?")
        for name in files:
            console.print(f"{self.output / name}", soft_wrap=True, highlight=False, markup=False)
