"""What a job would do, without doing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.pictures.contact_sheet import SheetEntry, draw_contact_sheet
from Med3DInsightLib.captions.prompting import Prompt
from Med3DInsightLib.captions.quality import CaptionJudge
from Med3DInsightLib.captions.slices import SubjectSlice
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import whole_file

from ..datasets.bad_input import BadInput
from ..datasets.volume_list import ListedVolume
from .described import DescribedSlices
from .options.groups import CostOptions
from .reporting.cost import estimate_tokens
from .subjects.chosen import ChosenSlices
from .subjects.reading import Subjects

_VOLUMES = 3
_PER_PLANE = 4


@dataclass(frozen=True)
class _Seen:
    """The volumes that were looked at, and for each that can be used its slices, and those not described yet."""

    volumes: list[ListedVolume]
    slices: list[list[SubjectSlice]]
    waiting: list[list[SubjectSlice]]

    @property
    def mean(self) -> float:
        """Slices of a volume."""
        return sum(map(len, self.slices)) / max(1, len(self.volumes))

    @property
    def described(self) -> int:
        """Slices that are described already."""
        return sum(map(len, self.slices)) - sum(map(len, self.waiting))


class Rehearsal:
    """Draws slices of the first volumes on a contact sheet, and estimates what all will take.

        rehearsal = Rehearsal(subjects, chosen, bad, print)
        rehearsal.run(volumes, Path("captions.sheet.png"), prompt, None, CostOptions())

    Nothing is sent, no model is opened, and nothing but the sheet is written. Slices that described knows are neither
    drawn nor estimated; volumes without any of them are looked at first.
    """

    def __init__(
        self,
        subjects: Subjects,
        chosen: ChosenSlices,
        bad: BadInput,
        report: Callable[[str], None],
        described: DescribedSlices | None = None,
    ) -> None:
        self._subjects = subjects
        self._chosen = chosen
        self._bad = bad
        self._report = report
        self._described = described

    def run(
        self,
        volumes: Sequence[ListedVolume],
        sheet: Path,
        prompt: Prompt | None,
        labels: LabelsBackend | None,
        cost: CostOptions,
    ) -> None:
        """Write the sheet and report; raises UserError if no volume can be used, or the sheet cannot be written.

        prompt is what pictures would be shown with; labels writes the texts that it would write.
        """
        seen = self._seen(volumes)
        if not any(seen.slices):
            raise UserError("no slice can be drawn", volumes[0].path, "see the messages above")
        total = round(seen.mean * len(volumes))
        left = total - self._described_of(volumes, seen)
        self._report(f"{len(volumes)} volumes, about {total} slices ({seen.mean:.1f} a volume)")
        if self._described is not None:
            self._report(f"about {total - left} of them are described already; what follows is about the other {left}")
        shown = [each for of_volume in seen.waiting for each in _a_few(of_volume)]
        if not shown:
            return
        entries = [_entry(each, labels) for each in shown]
        _save(entries, sheet)
        self._report(f"wrote {sheet}: {len(entries)} slices of {sum(map(bool, seen.waiting))} volumes")
        if prompt is not None:
            self._report_prompts(entries, prompt, left, cost)

    def _described_of(self, volumes: Sequence[ListedVolume], seen: _Seen) -> int:
        """How many slices are described: counted in volumes that were looked at, told by captions of the others."""
        if self._described is None:
            return 0
        others = [each for each in volumes if each not in seen.volumes]
        return seen.described + round(sum(min(self._described.captions_of(each), seen.mean) for each in others))

    def _report_prompts(self, entries: Sequence[SheetEntry], prompt: Prompt, total: int, cost: CostOptions) -> None:
        pictures = [entry.picture for entry in entries]
        prompts = [prompt.text_for(picture) for picture in pictures]
        one_a_plane = {picture.place.plane: text for picture, text in zip(pictures, prompts, strict=True)}
        for plane, text in one_a_plane.items():
            self._report(f"\n--- prompt '{prompt.name}', {plane}\n{text}\n---")
        estimate = estimate_tokens(pictures, prompts, cost.picture_tokens, cost.answer_tokens)
        read, written = estimate.of(total)
        self._report(
            f"estimated tokens: {read} read ({estimate.picture:.0f} for a picture, {estimate.prompt:.0f} for its "
            f"prompt), {written} written ({estimate.answer:.0f} an answer)"
        )
        if cost.price_in or cost.price_out:
            price = (read * cost.price_in + written * cost.price_out) / 1000
            self._report(f"estimated cost: {price:.2f} at {cost.price_in:g} and {cost.price_out:g} for 1000 tokens")

    def _seen(self, volumes: Sequence[ListedVolume]) -> _Seen:
        seen = _Seen([], [], [])
        known = self._described
        for listed in sorted(volumes, key=lambda each: known is not None and known.captions_of(each) > 0):
            if len(seen.slices) == _VOLUMES:
                break
            seen.volumes.append(listed)
            try:
                subject = self._subjects.read(listed)
                slices = list(subject.slices(self._chosen.of(subject)))
            except UserError as error:
                self._bad.meet(error)
                continue
            seen.slices.append(slices)
            seen.waiting.append(known.without(slices) if known is not None else slices)
        return seen


def _a_few(slices: Sequence[SubjectSlice]) -> list[SubjectSlice]:
    """Some slices of each plane, evenly spread."""
    chosen = []
    for plane in dict.fromkeys(each.place.plane for each in slices):
        of_plane = [each for each in slices if each.place.plane == plane]
        count = min(_PER_PLANE, len(of_plane))
        chosen += [of_plane[(2 * part + 1) * len(of_plane) // (2 * count)] for part in range(count)]
    return chosen


def _entry(each: SubjectSlice, labels: LabelsBackend | None) -> SheetEntry:
    text = each.subject.volume_id
    if labels is not None:
        (description,) = labels.describe([each])
        caption = CaptionJudge().caption_of(description, labels.source)
        return SheetEntry(each.picture(), f"{text}: {caption.text}", " ".join(caption.flags))
    return SheetEntry(each.picture(), text)


def _save(entries: Sequence[SheetEntry], path: Path) -> None:
    sheet = draw_contact_sheet(entries, "Slices that would be described", _PER_PLANE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            sheet.save(unfinished, format="PNG")
    except OSError as error:
        raise UserError(f"cannot be written ({error.strerror})", path, "choose another --output") from error
