"""Put together volumes and captions to pretrain with.

    python training/pretraining_set.py --volumes ../shared/data --output runs/small-set

Captions come from label maps: right by construction, and without any language model. It takes a few minutes, and
goes on where it was stopped.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from med3dtrain.captioned_set.captioned_set import CaptionedSet
from med3dtrain.captioned_set.settings import CaptionedSetSettings
from med3dtrain.runs.one_line_end import one_line_end
from med3dtrain.runs.parsed_command import parsed_command

_CONFIGS = Path(__file__).parent / "configs"


@dataclass(frozen=True)
class PretrainingSet:
    """Put together volumes and captions to pretrain with."""

    volumes: Path
    """Folder with the volumes and label maps that the settings name."""

    output: Path
    """Folder for the list of volumes, the synthetic heads and the captions file."""

    settings: Path = _CONFIGS / "small_pretraining_set.toml"
    """What the set is made of; names of labels are beside it."""

    def run(self) -> None:
        """Write the set; raises UserError if something cannot be read or written."""
        settings = CaptionedSetSettings.read(self.settings)
        CaptionedSet(settings, self.volumes, self.settings.parent, print).write(self.output)
        print(f"wrote {self.output}")


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    command = parsed_command(PretrainingSet, arguments, description=__doc__)
    with one_line_end(f"what is complete is in {command.output}. Run it again to go on."):
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
