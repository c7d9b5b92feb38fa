"""A small study, and the command as a user starts it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from Med3DInsightLib.volumes import Grid, Volume, write_volume

SCRIPT = Path(__file__).resolve().parents[3] / "training" / "caption.py"
LABELS = ("--backend", "labels", "--labels", "maps", "--names", "names.json")
NAMES = {5: "liver", 1: "spleen"}


def write_study(folder, names=("a", "b", "sub/c"), shape_kji=(12, 10, 8)):
    """CTs in scans, their label maps in maps, and the names of the labels."""
    for number, name in enumerate(names):
        generator = np.random.default_rng(number)
        grid = Grid(shape_kji, np.diag([-4.0, -4.0, 5.0, 1.0]))
        labels = generator.choice([0, 0, 1, 5], size=shape_kji).astype(np.uint8)
        hu = (generator.normal(40, 30, shape_kji) - 1000 * (labels == 0)).astype(np.int16)
        for kind, array in (("scans", hu), ("maps", labels)):
            path = folder / kind / f"{name}.nii.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_volume(Volume(array, grid), path)
    (folder / "names.json").write_text(json.dumps(NAMES))
    return folder


def caption(*arguments):
    """Runs the command within this process; raises SystemExit with its one line if it fails."""
    spec = importlib.util.spec_from_file_location("caption_command", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        spec.loader.exec_module(module)
        module.main(["scans" if arguments[0].startswith("--") else arguments[0], *_options(arguments)])
    finally:
        del sys.modules[spec.name]
        for number, handler in before.items():
            signal.signal(number, handler)


def command(*arguments):
    """The command as a process of its own."""
    return [sys.executable, os.fspath(SCRIPT), *arguments]


def _options(arguments):
    options = arguments if arguments[0].startswith("--") else arguments[1:]
    return options if "--output" in options else (*options, "--output", "captions.jsonl")
