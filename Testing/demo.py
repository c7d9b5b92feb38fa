"""make demo: segment the ICBM 152 brain and say how to look at the result."""

from __future__ import annotations

import sys
from pathlib import Path

from icbm import icbm_file

from Med3DInsightLib.cli.main import main

_HOW_TO_LOOK = """
The picture:            {folder}/preview.png
To see it in 3D Slicer: drag {image}
                        and {folder}/labels.seg.nrrd
                        into its window, then press "Show 3D" in the Segmentations module."""


def demo(folder: Path) -> int:
    """Segment into folder; returns the exit code."""
    image = icbm_file("t1")
    code = main(["segment", str(image), "-o", str(folder), "--model", "brain-structures", "--overwrite"])
    if code == 0:
        print(_HOW_TO_LOOK.format(folder=folder.resolve(), image=image))
    return code


if __name__ == "__main__":
    sys.exit(demo(Path(sys.argv[1])))
