"""med3dinsight classify: what a whole volume is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.requests import ClassifyRequest
from .about_classes import ClassesCommand
from .interruption import Interruption
from .tables import print_classes, print_files


@dataclass(frozen=True, kw_only=True)
class ClassifyCommand(ClassesCommand):
    """Tell what a volume is: the probability of every class, and whether it is unlike what the model has learnt from.

    With --output, result.json is written too. Research software, not a diagnostic device.
    """

    request: Annotated[ClassifyRequest, tyro.conf.OmitArgPrefixes]

    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    """Folder for the result; it is created if needed."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        from ..export.insight_folder import RESULT, write_classification

        files = (RESULT,)
        card, result = self._answer(
            self.request,
            self.output,
            files,
            lambda source, *asked: source.classify(*asked),
            write_classification,
            interruption,
        )
        print_classes(self.input.name, card.name, result)
        print_files(self.output, files)
