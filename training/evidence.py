"""Rerun the controlled studies and write what they found: tables, curves, and whether the aims are met.

    python training/evidence.py --output runs/evidence
    python training/evidence.py --output runs/quick --only vector --quick

Runs that are done are kept in OUTPUT/*_runs.jsonl, so a study that was killed goes on where it was.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch

from Med3DInsightLib.storage import staged_files
from med3dtrain.evidence.phantoms.study import PhantomStudy
from med3dtrain.evidence.study import Findings, Study
from med3dtrain.evidence.vectors.study import VectorStudy
from med3dtrain.figures.charts import draw_charts
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command

_STUDIES: Mapping[str, Callable[[bool, int], Study]] = {"vector": VectorStudy, "phantoms": PhantomStudy}
_TITLES = {"vector": "The vector task", "phantoms": "3D phantoms"}


@dataclass(frozen=True)
class Evidence:
    """Rerun the controlled studies and write what they found."""

    output: Path
    """Folder for NAME.json of every study, and for the finished runs."""

    document: Path | None = None
    """Markdown file with all tables; curves go into a folder of its name beside it. OUTPUT/evidence.md if left out."""

    only: Literal["vector", "phantoms"] | None = None
    """One study instead of all."""

    quick: bool = False
    """Fewer epochs and fewer comparisons; the tables say so."""

    seeds: int = 3
    """Repetitions of every run, 1 to 10."""

    workers: int = 2
    """Processes, each with one thread."""

    overwrite: bool = False
    """Replace tables that are already there."""

    def __post_init__(self) -> None:
        if not 1 <= self.seeds <= 10 or self.workers < 1:
            raise ValueError("seeds is from 1 to 10, workers at least 1")

    def run(self) -> bool:
        """Do it; whether all aims are met. Raises UserError if something cannot be written."""
        names = [self.only] if self.only else list(_STUDIES)
        document = self.document or self.output / "evidence.md"
        pictures = document.with_suffix("")
        with ExitStack() as stack:
            drawn = stack.enter_context(staged_files(pictures, [f"{name}.png" for name in names], self.overwrite))
            told = stack.enter_context(staged_files(document.parent, [document.name], self.overwrite))
            kept = stack.enter_context(staged_files(self.output, [f"{name}.json" for name in names], self.overwrite))
            started_at = time.monotonic()
            findings = {name: self._study(name) for name in names}
            for name, found in findings.items():
                draw_charts(found.charts, drawn / f"{name}.png")
                results = {"aims": [asdict(aim) for aim in found.aims], **found.results}
                (kept / f"{name}.json").write_text(json.dumps(results), encoding="utf-8")
            text = self._markdown(findings, pictures.name, (time.monotonic() - started_at) / 60)
            (told / document.name).write_text(text, encoding="utf-8")
        print(f"\n{text}\nwrote {document}")
        return all(aim.met for found in findings.values() for aim in found.aims)

    def _study(self, name: str) -> Findings:
        study = _STUDIES[name](self.quick, self.seeds)
        return study.run(self.output, self.workers, lambda text: print(f"\r{name}: {text:<40}", end="", flush=True))

    def _markdown(self, findings: Mapping[str, Findings], pictures: str, minutes: float) -> str:
        command = "make evidence" + (" QUICK=1" if self.quick else "")
        sections = [
            "# Evidence",
            f"Written by `{command}` in {minutes:.0f} minutes ({self.workers} processes of one thread, {self.seeds} "
            f"seeds, torch {torch.__version__}, {platform.machine()}; finished runs are not repeated). What it means "
            "is told in [alignment.md](alignment.md) and [psat.md](psat.md).",
        ]
        for name, found in findings.items():
            aims = "\n".join(f"- {aim.text}: {aim.measured}, {'met' if aim.met else 'NOT met'}" for aim in found.aims)
            sections += [f"## {_TITLES[name]}", f"![Curves over epochs]({pictures}/{name}.png)", "### Aims", aims]
            sections.append(found.markdown)
        return "\n\n".join(sections) + "\n"


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line. The exit status is 1 if an aim is missed."""
    command = parsed_command(Evidence, arguments, description=__doc__)
    with one_line_end(f"finished runs are in {command.output}. Run it again to go on."):
        all_met = command.run()
    sys.exit(0 if all_met else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
