"""med3dinsight explain: what in a volume speaks for a class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.requests import ExplainClassRequest
from .about_classes import ClassesCommand
from .interruption import Interruption
from .tables import print_classes, print_files


@dataclass(frozen=True, kw_only=True)
class ExplainCommand(ClassesCommand):
    """Tell what a volume is, and write where it speaks for a class: Grad-CAM on the grid of the volume.

    OUTPUT gets saliency.nii.gz, from 0 to 1, and result.json. Research software, not a diagnostic device.
    """

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Folder for the results; it is created if needed."""

    request: Annotated[ExplainClassRequest, tyro.conf.OmitArgPrefixes]

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        from ..export.insight_folder import RESULT, SALIENCY, write_explanation

        files = (SALIENCY, RESULT)
        card, explained = self._answer(
            self.request,
            self.output,
            files,
            lambda source, *asked: source.explain_class(*asked),
            write_explanation,
            interruption,
        )
        print_classes(self.input.name, card.name, explained.result)
        print(f"what speaks for '{explained.saliency.subject}':")
        print_files(self.output, files)
