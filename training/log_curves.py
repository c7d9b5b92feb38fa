"""Draw the curves of a run's log.

    python training/log_curves.py runs/small --output curves.png
    python training/log_curves.py runs/liver --output curves.png --panel loss --panel "Dice liver" score

Without --panel: losses, recall on held-out slices, and what probes read, as pretraining logs them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import tyro

from med3dtrain.runs.log_chart import draw_log, read_log
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command

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


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    command = parsed_command(LogCurves, arguments, description=__doc__)
    with one_line_end():
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
