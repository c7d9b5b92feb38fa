"""med3dinsight classify: what a whole volume is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.classification_result import ClassificationResult
from ..analysis.requests import ClassifyRequest
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
class ClassifyCommand:
    """Tell what a volume is: the probability of every class, and whether it is unlike what the model has learnt from.

    With --output, result.json is written too. Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    request: Annotated[ClassifyRequest, tyro.conf.OmitArgPrefixes]

    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Folder for the result; it is created if needed."""

    modality: Modality | None = None
    """Say how the image was made if the file does not; models may treat CT and MR differently."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace a result that is already in the output folder."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        bundle = InstalledModels().find(self.request.model)
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        from ..export.insight_folder import RESULT, write_classification
        from ..export.staging import staged_or_nowhere

        # The shared worker has another current folder, so the bundle is named in full.
        request = replace(self.request, model=str(bundle.folder.resolve()))
        result: ClassificationResult
        with staged_or_nowhere(self.output, (RESULT,), self.overwrite) as staging:
            with progress_bar() as show, errors_naming(self.input):
                if self.worker:
                    result = with_shared_worker(
                        lambda client: RemoteInsight(client).classify(request, volume), show, interruption
                    )
                else:
                    result = LocalAnalysis().service.classify(request, volume)
            if staging is not None:
                write_classification(staging, fingerprint, volume, bundle.card, result)
        print_classes(self.input.name, bundle.card.name, result)
        print_files(self.output, (RESULT,))
