"""Rerun the controlled studies and write what they found as JSON and as Markdown tables.

    python training/evidence.py --output runs/evidence
    python training/evidence.py --output runs/quick --only vector --quick

Runs that are done are kept in OUTPUT/*_runs.jsonl, so a study that was killed goes on where it was.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import tyro

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.export.staging import staged_files
from med3dtrain.evidence.study import Findings, Study
from med3dtrain.evidence.vector_study import VectorStudy

_STUDIES: Mapping[str, Callable[[bool, int], Study]] = {"vector": VectorStudy}


@dataclass(frozen=True)
class Evidence:
    """Rerun the controlled studies and write what they found as JSON and as Markdown tables."""

    output: Path
    """Folder for NAME.json and NAME.md of every study, and for the finished runs."""

    only: Literal["vector"] | None = None
    """One study instead of all."""

    quick: bool = False
    """Fewer epochs and fewer comparisons; the tables say so."""

    seeds: int = 3
    """Repetitions of every run, 1 to 10."""

    workers: int = 2
    """Processes, each with one thread."""

    overwrite: bool = False
    """Replace tables that are already in the output folder."""

    def run(self) -> bool:
        """Do it; whether all aims are met. Raises UserError if something cannot be written."""
        met = True
        for name in [self.only] if self.only else list(_STUDIES):
            with staged_files(self.output, [f"{name}.json", f"{name}.md"], self.overwrite) as staging:
                study = _STUDIES[name](self.quick, self.seeds)
                findings = study.run(self.output, self.workers, lambda text: print(f"\r{text}", end="", flush=True))
                text = self._markdown(name, findings)
                results = {"aims": [asdict(aim) for aim in findings.aims], **findings.results}
                (staging / f"{name}.json").write_text(json.dumps(results), encoding="utf-8")
                (staging / f"{name}.md").write_text(text, encoding="utf-8")
            print(f"\n{text}\nwrote {self.output / name}.md and .json")
            met &= all(aim.met for aim in findings.aims)
        return met

    def _markdown(self, name: str, findings: Findings) -> str:
        lines = [f"- {aim.text}: {aim.measured}, {'met' if aim.met else 'NOT met'}" for aim in findings.aims]
        return "\n".join([f"## {name}", "", findings.markdown, "", "### Aims", "", *lines, ""])


if __name__ == "__main__":
    try:
        sys.exit(0 if tyro.cli(Evidence, description=__doc__).run() else 1)
    except UserError as error:
        sys.exit(f"Error: {error}")
