"""Looking for the cases of a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError
from ..volumes.files.dicom_series import holds_dicom
from .cases import Case, is_image_file, name_cases
from .earlier_result import is_result_file

_EXPECTED = "choose a folder with NIfTI, NRRD or MetaImage files, or with sub-folders of one DICOM series each"


class CaseSearch:
    """Tells which files and sub-folders of a folder are cases.

        search = CaseSearch(Path("scans"), Path("results"), "*.nii.gz")
        search.cases()                   # [Case("head", Path("scans/head.nii.gz")), ...]

    Left out are hidden files, what earlier runs wrote, and the output folder if it is known and inside. A
    panel can look at one path after the other, because folders may be large and far away:

        count = sum(search.takes(path) for path in search.paths())
    """

    def __init__(self, folder: Path, output: Path | None, pattern: str = "*") -> None:
        self._folder = folder
        self._pattern = pattern
        self._own = _parts_inside(folder, output) if output is not None else None

    def paths(self) -> Iterator[Path]:
        """Everything that the pattern matches.

        Raises UserError if the folder cannot be read, is the output folder, or the pattern is not one.
        """
        try:
            os.scandir(self._folder).close()
        except OSError as error:
            raise UserError(f"the folder cannot be read ({error.strerror})", self._folder, "check the path") from error
        if self._own == ():
            raise UserError("input and output are the same folder", self._folder, "choose another output folder")
        try:
            yield from self._folder.glob(self._pattern)
        except (ValueError, NotImplementedError) as error:
            raise UserError(
                f"'{self._pattern}' is not a pattern of files in a folder ({error})",
                next_step='choose one such as "*.nii.gz" or "sub-*/anat/*_T1w.nii.gz"',
            ) from error

    def takes(self, path: Path) -> bool:
        """Whether a path of paths() is a case."""
        if not path.is_relative_to(self._folder) or ".." in path.parts[len(self._folder.parts) :]:
            return False
        parts = path.relative_to(self._folder).parts
        if not parts or any(part.startswith(".") for part in parts):
            return False
        if self._own is not None and parts[: len(self._own)] == self._own:
            return False
        if not path.is_dir():
            return is_image_file(path.name) and not is_result_file(path)
        try:
            return holds_dicom(path)
        except OSError:
            return True  # perhaps it is one: the run tells that it cannot be read

    def cases(self) -> list[Case]:
        """All cases, sorted. Raises UserError if there are none, and as paths() does."""
        cases = name_cases((path for path in self.paths() if self.takes(path)), self._folder)
        if not cases:
            matching = "" if self._pattern == "*" else f" that matches '{self._pattern}'"
            raise UserError(f"the folder holds no volume{matching}", self._folder, _EXPECTED)
        return cases


def _parts_inside(folder: Path, output: Path) -> tuple[str, ...] | None:
    """Where output is inside folder; () if they are the same, None if it is elsewhere."""
    folder, output = folder.resolve(), output.resolve()
    return output.relative_to(folder).parts if output.is_relative_to(folder) else None
