"""What the commands about classes of a volume have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, TypeVar

import tyro

from ..analysis.computing.progress import Cancellation, ProgressCallback
from ..analysis.requests import ClassifyRequest, ExplainClassRequest
from ..bundles import ModelCard
from ..catalog.installed import InstalledModels
from ..storage import staged_or_nowhere
from ..volumes import Modality, Volume
from ..volumes.errors import errors_naming
from ..volumes.files.reading import read_fingerprinted
from ..volumes.files.source_files import Fingerprint
from .insight_source import InsightSource, LocalInsight, SharedInsight
from .interruption import Interruption
from .terminal import progress_bar

_Request = TypeVar("_Request", ClassifyRequest, ExplainClassRequest)
_Answer = TypeVar("_Answer")
_Ask = Callable[[InsightSource, _Request, Volume, ProgressCallback, Cancellation], _Answer]
_Write = Callable[[Path, Fingerprint, Volume, ModelCard, _Answer], None]


@dataclass(frozen=True, kw_only=True)
class ClassesCommand(ABC):
    """A volume, and who computes; subclasses add the request and the output folder."""

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    modality: Modality | None = None
    """Say how the image was made if the file does not; models may treat CT and MR differently."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace results that are already in the output folder."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    @abstractmethod
    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""

    def _answer(
        self,
        request: _Request,
        output: Path | None,
        files: tuple[str, ...],
        ask: _Ask[_Request, _Answer],
        write: _Write[_Answer],
        interruption: Interruption,
    ) -> tuple[ModelCard, _Answer]:
        """What a model says, after files with it are in output if there is one, and the card of the model."""
        bundle = InstalledModels().find(request.model)
        volume, fingerprint = read_fingerprinted(self.input, self.modality)
        # The shared worker has another current folder, so the bundle is named in full.
        request = replace(request, model=str(bundle.folder.resolve()))
        source: InsightSource = SharedInsight() if self.worker else LocalInsight()
        with staged_or_nowhere(output, files, self.overwrite) as staging:
            with progress_bar() as show, errors_naming(self.input):
                answer = ask(source, request, volume, show, interruption)
            if staging is not None:
                write(staging, fingerprint, volume, bundle.card, answer)
        return bundle.card, answer
