"""What all cases together say about a model, and about two models side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ..intervals import BootstrapSettings, Interval, mean_interval
from ..pairing import PairedComparison, compare_paired
from .measures import Measure, Presence, StructureScores, mean_over_structures
from .result import SegmentedCase

ALL_STRUCTURES = "mean of structures"
COMPARED = (Measure.DICE, Measure.SURFACE_DICE, Measure.HAUSDORFF95_MM)
"""What two models are compared in; for a volume difference, nearer to 0 would be better, not more or less."""


@dataclass(frozen=True)
class MeasureSummary:
    """One measure of one structure over the cases.

    values has one entry a case, None where the measure has no value; mean and median are of the others and
    None if there are none. missed, invented and absent count cases (see Presence).
    """

    structure: str
    measure: Measure
    values: tuple[float | None, ...]
    mean: Interval | None
    median: float | None
    missed: int
    invented: int
    absent: int

    @property
    def defined(self) -> tuple[float, ...]:
        """The values that there are."""
        return tuple(value for value in self.values if value is not None)


@dataclass(frozen=True)
class StructureComparison:
    """One measure of one structure of two models; the differences are those of the first less the second."""

    structure: str
    measure: Measure
    comparison: PairedComparison


def summaries(
    cases: Sequence[SegmentedCase], model: int, settings: BootstrapSettings | None = None
) -> list[MeasureSummary]:
    """All measures of all structures of the model with that number, structures in the order of the model.

    Where there are several structures, their mean in each case comes last, as a structure of its own.
    """
    by_case = [case.results[model].structures for case in cases]
    rows = []
    for structure in zip(*by_case, strict=True):
        counts = Counter(each.presence for each in structure)
        for measure in Measure:
            values = tuple(each.value(measure) for each in structure)
            rows.append(_summary(structure[0].name, measure, values, counts, settings))
    if len(by_case[0] if by_case else ()) > 1:
        for measure, values in _means(by_case):
            rows.append(_summary(ALL_STRUCTURES, measure, values, Counter(), settings))
    return rows


def never_labelled(rows: Sequence[MeasureSummary]) -> list[str]:
    """The structures that the model found but no label map holds: perhaps they were never drawn."""
    return [
        row.structure
        for row in rows
        if row.measure == Measure.VOLUME_DIFFERENCE_ML and row.defined and len(row.defined) == row.invented
    ]


def comparisons(cases: Sequence[SegmentedCase], settings: BootstrapSettings | None = None) -> list[StructureComparison]:
    """The first model beside the second, for every structure and each measure of COMPARED."""
    first, second = (summaries(cases, model, BootstrapSettings(resamples=1)) for model in (0, 1))
    return [
        StructureComparison(a.structure, a.measure, compare_paired(a.values, b.values, settings))
        for a, b in zip(first, second, strict=True)
        if a.measure in COMPARED
    ]


def _means(by_case: Sequence[Sequence[StructureScores]]) -> Iterator[tuple[Measure, tuple[float | None, ...]]]:
    for measure in COMPARED:
        yield measure, tuple(mean_over_structures(structures, measure) for structures in by_case)


def _summary(
    structure: str,
    measure: Measure,
    values: tuple[float | None, ...],
    counts: Counter[Presence],
    settings: BootstrapSettings | None,
) -> MeasureSummary:
    defined = [value for value in values if value is not None]
    return MeasureSummary(
        structure,
        measure,
        values,
        mean_interval(defined, settings) if defined else None,
        median(defined) if defined else None,
        counts[Presence.MISSED],
        counts[Presence.INVENTED],
        counts[Presence.NEITHER],
    )
