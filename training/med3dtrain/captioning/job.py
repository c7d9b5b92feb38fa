"""Describing volumes until every slice has its caption."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from Med3DInsightLib.captions.backends import Backend, Undescribed
from Med3DInsightLib.captions.files import CaptionsFile, read_captions
from Med3DInsightLib.captions.quality import Agreement, CaptionJudge, QualitySettings

from ..datasets.bad_input import BadInput
from .finished_volumes import FinishedVolumes
from .reporting.pace import Pace, PaceReport
from .reporting.summary import Summary
from .reporting.tally import Tally
from .waiting import WaitingSlices

Show = Callable[[PaceReport], None]


class CaptionJob:
    """Adds to a captions file what is missing in it.

        job = CaptionJob(backend, QualitySettings(), waiting, pace, bad)
        summary = job.run(Path("captions.jsonl"), "uniform 8 8 8", settings, show)

    A caption is on the disk before the next one is looked at: a job that is killed goes on where it was,
    whatever moment it was.
    """

    def __init__(
        self,
        backend: Backend,
        quality: QualitySettings,
        waiting: WaitingSlices,
        pace: Pace,
        bad: BadInput,
        agreement: Agreement | None = None,
    ) -> None:
        self._backend = backend
        self._quality = quality
        self._agreement = agreement
        self._waiting = waiting
        self._pace = pace
        self._bad = bad

    def run(self, path: Path, choice: str, settings: dict[str, Any], show: Show) -> Summary:
        """Describe what is missing; raises UserError for what would befall every slice.

        choice names everything that the choice of slices depends on, settings are told in the summary.
        """
        begun = time.monotonic()
        source = self._backend.source
        judge = CaptionJudge(self._quality, self._agreement)
        undescribed: Counter[str] = Counter()
        written = 0
        with CaptionsFile.open(path, found=judge.remember) as captions:
            finished = FinishedVolumes(path, source)
            slices = self._waiting.slices(source, captions.keys, finished, choice)
            with closing(self._backend.describe(slices)) as answers:
                for described in answers:
                    if isinstance(described, Undescribed):
                        undescribed[described.reason] += 1
                    else:
                        captions.append([judge.caption_of(described, source)])
                        written += 1
                    self._waiting.done(described.of, not isinstance(described, Undescribed))
                    show(self._pace.report())
            if judge.repeated:
                captions.finish(judge.with_repeats_flagged)
        tally = Tally()
        for caption in read_captions(path):
            tally.add(caption)
        return Summary(
            tally.figures(),
            written,
            self._waiting.kept,
            dict(undescribed.most_common()),
            tuple(str(error) for error in self._bad.skipped),
            round(time.monotonic() - begun, 3),
            settings,
        )
