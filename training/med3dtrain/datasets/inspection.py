"""Looking at every case before training begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from Med3DInsightLib import __version__
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Modality, Segment
from Med3DInsightLib.volumes.files.source_files import Fingerprint

from ..runs.finished_runs import FinishedRuns
from .bad_input import BadInput
from .cases import Case
from .errors import DatasetError
from .inspected_case import InspectedCase, inspect_case


@dataclass(frozen=True)
class KnownCase:
    """A case that can be used, the hashes of its files, and what was found in it."""

    case: Case
    image_sha256: str
    label_sha256: str
    found: InspectedCase


class Inspection:
    """Inspects cases, and remembers those whose files did not change since.

        inspection = Inspection(segments, Modality.MR, FinishedRuns(output / "inspected.jsonl"), bad, print)
        known = inspection.run(cases)

    What is wrong with a case goes to bad, which raises it or leaves the case out; what a user should know is
    reported in one line that names the case.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        modality: Modality | None,
        finished: FinishedRuns,
        bad: BadInput,
        report: Callable[[str], None],
    ) -> None:
        self._segments = list(segments)
        self._modality = modality
        self._finished = finished
        self._bad = bad
        self._report = report

    def run(self, cases: Sequence[Case], on_case: Callable[[int], None] = lambda done: None) -> list[KnownCase]:
        """The cases that can be used, in their order; on_case is told how many were looked at.

        Raises DatasetError for an image that is there twice.
        """
        known: list[KnownCase] = []
        first_with: dict[str, Case] = {}
        for number, case in enumerate(cases, start=1):
            try:
                each = self._inspect(case)
                earlier = first_with.setdefault(each.image_sha256, case)
                if earlier is not case:
                    raise DatasetError(f"is the same image as {earlier.image}", case.image, "remove one of the two")
            except UserError as error:
                self._bad.meet(error)
                continue
            known.append(each)
            for notice in each.found.notices:
                self._report(f"{case.image}: {notice}")
            on_case(number)
        return known

    def _inspect(self, case: Case) -> KnownCase:
        image, label = _sha256_of(case), _sha256_of(case, of_label=True)
        key = {
            "image": image,
            "label": label,
            "modality": self._modality,
            "structures": len(self._segments),
            "software": __version__,
        }
        if self._finished.find(key) is None:
            found = inspect_case(case.image, case.label, self._modality, self._segments)
            self._finished.add(key, found.as_json())
        return KnownCase(case, image, label, InspectedCase.from_json(self._finished.find(key)))


def require_all_structures(known: Sequence[KnownCase], segments: Sequence[Segment]) -> None:
    """Raise DatasetError if a structure is in none of the cases."""
    for segment in segments:
        if known and not any(each.found.voxels[segment.label_value] for each in known):
            raise DatasetError(
                f"no case has the structure {segment.label_value} ({segment.name})",
                next_step="add cases with it, or leave it out of the structures",
            )


def require_apart(training: Sequence[KnownCase], test: Sequence[KnownCase]) -> None:
    """Raise DatasetError if an image of the test set, whatever its name, is learnt from."""
    learnt = {each.image_sha256: each.case for each in training}
    for each in test:
        if each.image_sha256 in learnt:
            raise DatasetError(
                f"is the same image as {learnt[each.image_sha256].image}, which is learnt from",
                each.case.image,
                "remove it from one of the two sets",
            )


def _sha256_of(case: Case, of_label: bool = False) -> str:
    path = case.label if of_label else case.image
    try:
        return Fingerprint.of(path).sha256
    except OSError as error:
        told = f"case '{case.name}' needs an image and a label map"
        raise DatasetError(f"cannot be read ({error.strerror})", path, told) from error
