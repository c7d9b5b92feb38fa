"""What a job did, for people and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from Med3DInsightLib import __version__
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import write_whole

from .tally import Figures


@dataclass(frozen=True)
class Summary:
    """The figures of a captions file, and what happened in the last run that wrote to it.

    settings are the options of that run, undescribed the reasons why slices got no caption, with how many; kept are
    slices that were chosen and have a caption of an earlier run.
    """

    figures: Figures
    written: int
    kept: int
    undescribed: dict[str, int]
    skipped: tuple[str, ...]
    seconds: float
    settings: dict[str, Any]
    price_in: float = 0.0
    price_out: float = 0.0

    def lines(self) -> list[str]:
        """The summary for a terminal."""
        figures = self.figures
        rate = f", {self.written / self.seconds:.3g} a second" if self.seconds > 0 and self.written else ""
        lines = [
            f"{self.written} captions written{rate}; the file holds {figures.captions} of {figures.volumes} volumes",
            f"planes: {_told(figures.by_plane)}",
            f"flags: {figures.flagged} captions have one ({_told(figures.by_flag)}); mean score {figures.mean_score:g}",
            f"words: {_told(figures.words)}",
        ]
        if self.kept:
            lines.append(
                f"kept: {self.kept} slices have a caption of an earlier run, whatever became of label maps, names, "
                "windows and limits since; another --output describes them anew"
            )
        if figures.counted:
            lines.append(f"tokens: {figures.tokens_in} read, {figures.tokens_out} written{self._price()}")
        lines += [f"no caption: {count} slices: {reason}" for reason, count in self.undescribed.items()]
        if self.skipped:
            lines.append(f"volumes skipped: {len(self.skipped)}")
        return lines

    def write(self, path: Path) -> None:
        """Replace the file with this summary; raises UserError if that is not possible."""
        entries = {"format_version": 1, "software": f"Med3DInsight {__version__}", **asdict(self)}
        entries["cost"] = round(self.figures.cost(self.price_in, self.price_out), 6)
        try:
            write_whole(path, json.dumps(entries, indent=2).encode("ascii") + b"\n")
        except OSError as error:
            raise UserError(f"cannot be written ({error.strerror})", path, "free some space") from error

    def _price(self) -> str:
        if not (self.price_in or self.price_out):
            return ""
        return f", {self.figures.cost(self.price_in, self.price_out):.2f} at the given prices"


def _told(counts: dict[str, int] | dict[str, float]) -> str:
    return ", ".join(f"{name} {count:g}" for name, count in counts.items()) or "none"


def summary_path(captions: Path) -> Path:
    """Where the summary of a captions file is."""
    return captions.with_name(f"{captions.stem}.summary.json")
