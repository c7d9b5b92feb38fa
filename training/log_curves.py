"""Draw the curves of a run's log.

    python training/log_curves.py runs/small --output curves.png
    python training/log_curves.py runs/liver --output curves.png --panel loss --panel "Dice liver" score

Without --panel: losses, recall on held-out slices, and what probes read, as pretraining logs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from med3dtrain.runs.log_chart import draw_log, read_log
from med3dtrain.runs.one_line_end import one_line_end

_PRETRAINING = (
    ("text loss", "image loss", "reconstruction loss"),
    ("text R@1", "text R@10", "text slice R@10", "image R@10", "plane accuracy"),
    ("text gap", "position error", "linear position error"),
)


@dataclass(frozen=True)
class LogCurves:
    """Draw the curves of a run's log."""

    folder: tyro.conf.Positional[Path]
    """Output folder of a run."""

    output: Path
    """PNG file; replaced if it is there."""

    panel: tyro.conf.UseAppendAction[tuple[tuple[str, ...], ...]] = ()
    """Figures of one panel, as the log calls them; once for each panel."""

    def run(self) -> None:
        """Do it; raises RunError if there is no log."""
        draw_log(read_log(self.folder), self.panel or _PRETRAINING, self.output)
        print(f"wrote {self.output}")


if __name__ == "__main__":
    with one_line_end():
        tyro.cli(LogCurves, description=__doc__).run()
