"""med3dinsight explain: what in a volume speaks for a class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.requests import ExplainClassRequest
from ..analysis.saliency.explained_classification import ExplainedClassification
from ..catalog.installed import InstalledModels
from ..engine.remote_insight import RemoteInsight
from ..volumes import Modality
from ..volumes.errors import errors_naming
from ..volumes.reading import read_fingerprinted
from .interruption import Interruption
from .local_analysis import LocalAnalysis
from .shared_worker import with_shared_worker
from .tables import print_classes, print_files
from .terminal import progress_bar


@dataclass(frozen=True)
class ExplainCommand:
    """Tell what a volume is, and write where it speaks for a class: Grad-CAM on the grid of the volume.

    OUTPUT gets saliency.nii.gz, from 0 to 1, and result.json. Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder for the results; it is created if needed."""

    request: Annotated[ExplainClassRequest, tyro.conf.OmitArgPrefixes]

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
        bundle = InstalledModels().find(self.request.model)
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        from ..export.insight_folder import RESULT, SALIENCY, write_explanation
        from ..export.staging import staged_files

        # The shared worker has another current folder, so the bundle is named in full.
        request = replace(self.request, model=str(bundle.folder.resolve()))
        explained: ExplainedClassification
        with staged_files(self.output, (SALIENCY, RESULT), self.overwrite) as staging:
            with progress_bar() as show, errors_naming(self.input):
                if self.worker:
                    explained = with_shared_worker(
                        lambda client: RemoteInsight(client).explain_class(request, volume), show, interruption
                    )
                else:
                    explained = LocalAnalysis().service.explain_class(request, volume)
            write_explanation(staging, fingerprint, volume, bundle.card, explained)
        print_classes(self.input.name, bundle.card.name, explained.result)
        print(f"what speaks for '{explained.saliency.subject}':")
        print_files(self.output, (SALIENCY, RESULT))
