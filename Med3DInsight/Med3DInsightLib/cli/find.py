"""med3dinsight find: slices that a phrase fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.computing.device import Device
from ..analysis.requests import FindRequest
from ..analysis.slices.finding import FindResult
from ..catalog.installed import InstalledModels
from ..engine.remote_insight import RemoteInsight
from ..volumes import ANATOMICAL_PLANES, Modality, Plane
from ..volumes.errors import errors_naming
from ..volumes.files.reading import read_fingerprinted
from .interruption import Interruption
from .local_analysis import LocalAnalysis
from .shared_worker import with_shared_worker
from .tables import print_files, print_found
from .terminal import progress_bar


@dataclass(frozen=True)
class FindCommand:
    """Find the slices of a volume that a phrase fits best, with a pretrained encoder.

    Phrases of the model's vocabulary work as they are; others need the teacher's text tower on this computer. With
    --output, the similarity of every slice is written to result.json. Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    phrase: Annotated[str, tyro.conf.Positional]
    """What is looked for, such as "the left kidney"."""

    model: str
    """Name of a shipped model or folder of a model bundle, with PSAT."""

    planes: tuple[Plane, ...] = ANATOMICAL_PLANES
    """Which slices are looked at."""

    text_tower: str = ""
    """Folder with the teacher's text tower, for phrases that are not in the vocabulary."""

    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Folder for the result; it is created if needed."""

    modality: Modality | None = None
    """Say how the image was made if the file does not; models may treat CT and MR differently."""

    device: Device = Device.AUTO
    """Where to compute; auto takes a GPU if there is one."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace a result that is already in the output folder."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        bundle = InstalledModels().find(self.model)
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        from ..export.insight_folder import RESULT, write_found_slices
        from ..storage import staged_or_nowhere

        # The shared worker has another current folder, so folders are named in full.
        tower = str(Path(self.text_tower).resolve()) if self.text_tower else ""
        folder = str(bundle.folder.resolve())
        request = FindRequest(folder, self.phrase, self.planes, text_tower=tower, device=self.device)
        found: FindResult
        with staged_or_nowhere(self.output, (RESULT,), self.overwrite) as staging:
            with progress_bar() as show, errors_naming(self.input):
                if self.worker:
                    found = with_shared_worker(
                        lambda client: RemoteInsight(client).find(request, volume), show, interruption
                    )
                else:
                    found = LocalAnalysis().service.find(request, volume, show, interruption)
            if staging is not None:
                write_found_slices(staging, fingerprint, volume, bundle.card, found)
        print_found(self.input.name, found)
        print_files(self.output, (RESULT,))
