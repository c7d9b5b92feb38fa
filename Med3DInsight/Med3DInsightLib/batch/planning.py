"""What has to be done for every case, given what earlier runs have left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..bundles import ModelCard
from ..errors import UserError
from ..export.segmentation_folder import FILES, RESULT
from ..storage import OutputError, was_killed_while_publishing
from ..volumes.files.source_files import Fingerprint
from .cases import Case
from .earlier_result import EarlierResult, is_complete
from .request import BatchRequest
from .summary import CaseRow, Status

_ALLOW = "choose another output folder, or allow replacing them (--overwrite)"


@dataclass(frozen=True)
class PlannedCase:
    """A case, its result folder, and what is known of it before the run."""

    case: Case
    folder: Path
    earlier: EarlierResult | None
    row: CaseRow

    @property
    def may_replace(self) -> bool:
        """Whether what lies in the folder is an earlier state of the same result."""
        return self.earlier is not None or was_killed_while_publishing(self.folder)


def plan_cases(
    cases: Sequence[Case], request: BatchRequest, card: ModelCard, tell: Callable[[int], None]
) -> list[PlannedCase]:
    """Decide for every case whether its result is there already; tell is called with the index of each.

    A result is there if all its files are, its result.json names the same model (name, version, hash of
    the weights), and the input has the same name, size and SHA-256. A changed input is computed again; but
    where several results are there and none is of its input, the inputs are those of another study.

    Raises OutputError, before anything is written, if results of another model or of another study, or other
    files of these names, would be replaced and request.overwrite is not set.
    """
    folders = [request.output / case.name for case in cases]
    earlier = [_earlier(folder, request.overwrite) for folder in folders]
    if not request.overwrite:
        why = [_why_foreign(folder, result, card) for folder, result in zip(folders, earlier, strict=True)]
        _refuse(folders, why)
    planned, sources = [], []
    for index, (case, folder, result) in enumerate(zip(cases, folders, earlier, strict=True)):
        tell(index)
        source = _fingerprint(case) if result is not None and result.is_of(card) else None
        row = CaseRow(case.name)
        if result is not None and source is not None and _is_current(folder, result, source, request):
            row = CaseRow(case.name, Status.SKIPPED, result.volumes_ml, result.total_seconds)
        sources.append(source)
        planned.append(PlannedCase(case, folder, result, row))
    if not request.overwrite:
        _refuse(folders, _why_of_another_study(earlier, sources))
    return planned


def _earlier(folder: Path, overwrite: bool) -> EarlierResult | None:
    try:
        return EarlierResult.read(folder)
    except UserError:
        if overwrite:
            return None
        raise


def _refuse(folders: Sequence[Path], reasons: Sequence[str]) -> None:
    """Raise OutputError if there is a reason not to replace what is in a folder."""
    refused = [(folder, why) for folder, why in zip(folders, reasons, strict=True) if why]
    if refused:
        folder, why = refused[0]
        more = f", and {len(refused) - 1} more folders are like this" if len(refused) > 1 else ""
        raise OutputError(f"{why}{more}", folder, _ALLOW)


def _why_foreign(folder: Path, result: EarlierResult | None, card: ModelCard) -> str:
    """Why the files in folder are not an earlier state of the result that will be written there, or nothing."""
    if result is not None:
        of_another = f"holds a result of another model ({result.model.name} {result.model.version})"
        return "" if result.is_of(card) else of_another
    found = [name for name in FILES if (folder / name).exists()]
    return f"holds {', '.join(found)}, but no {RESULT}" if found and not was_killed_while_publishing(folder) else ""


def _why_of_another_study(earlier: Sequence[EarlierResult | None], sources: Sequence[Fingerprint | None]) -> list[str]:
    """For every case why its result is that of another study, or nothing."""
    why = [
        f"holds the result of an input with another content ({result.input.file})"
        if result is not None and source is not None and not result.has_content_of(source)
        else ""
        for result, source in zip(earlier, sources, strict=True)
    ]
    compared = sum(source is not None for source in sources)
    is_another = compared > 1 and sum(map(bool, why)) == compared
    return why if is_another else [""] * len(why)


def _fingerprint(case: Case) -> Fingerprint | None:
    try:
        return Fingerprint.of(case.path)
    except OSError:
        return None  # computing it will tell why it cannot be read


def _is_current(folder: Path, result: EarlierResult, source: Fingerprint, request: BatchRequest) -> bool:
    return is_complete(folder) and result.is_from(source, request.modality)
