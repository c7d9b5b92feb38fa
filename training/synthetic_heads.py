"""Draw the heads that the recipe finetune_head_contrast learns from, out of label maps alone.

    python training/synthetic_heads.py --labels ../shared/data/synthseg_labels --output runs/head-contrast-set

Each is a whole head of a known contrast; OUTPUT/cases.csv tells which. It goes on where it was stopped.
docs/head_contrast.md tells more.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from med3dtrain.head_contrasts.head_contrast_set import HeadContrastSet
from med3dtrain.head_contrasts.settings import HeadContrastSettings
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command

_CONFIGS = Path(__file__).parent / "configs"


@dataclass(frozen=True)
class SyntheticHeadsCommand:
    """Draw the heads that the recipe finetune_head_contrast learns from, out of label maps alone."""

    labels: Path
    """Folder with the label maps (FreeSurfer ids, .nii.gz)."""

    output: Path
    """Folder for the heads and their table; what is found there is continued."""

    settings: Path = _CONFIGS / "head_contrasts_set.toml"
    """How many heads are drawn and how; the label table is beside it."""

    def run(self) -> None:
        """Write the set; raises UserError if something cannot be read or written."""
        settings = HeadContrastSettings.read(self.settings)
        table = HeadContrastSet(settings, self.settings.parent, self.labels, print).write(self.output)
        print(f"wrote {table}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    command = parsed_command(SyntheticHeadsCommand, arguments, description=__doc__)
    with one_line_end(f"the heads that are complete are in {command.output}. Run it again to go on."):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
