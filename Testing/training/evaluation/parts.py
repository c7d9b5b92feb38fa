"""A small set of cases, and the command as a user starts it."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import os
import signal
import sys
from pathlib import Path

import numpy as np

from Med3DInsightLib.volumes import Grid, Volume, write_volume

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = REPOSITORY / "training" / "evaluate.py"
GRID = Grid((10, 12, 14), np.diag([-2.0, -2.0, 3.0, 1.0]))


def write_cases(folder, names=("a", "b", "c"), grid=GRID):
    """Images and label maps of the values 0, 1 and 2, in the layout of the Decathlon."""
    for number, name in enumerate(names):
        write_case(folder, name, number, grid)
    return folder


def write_case(folder, name, number=0, grid=GRID, label=None):
    generator = np.random.default_rng(number)
    image = generator.normal(size=grid.shape_kji).cumsum(0).cumsum(1).astype(np.float32)
    labels = generator.integers(0, 3, grid.shape_kji).astype(np.uint8)
    for kind, volume in (("imagesTr", Volume(image, grid)), ("labelsTr", label or Volume(labels, grid))):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        write_volume(volume, folder / kind / f"{name}.nii.gz")


def evaluate(*arguments):
    """Runs the command within this process; raises SystemExit with its one line if it fails."""
    spec = importlib.util.spec_from_file_location("evaluate_command", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        spec.loader.exec_module(module)
        pictures = () if "--worst" in arguments else ("--worst", "0")
        module.main([*arguments, *pictures, "--device", "cpu", "--resamples", "50"])
    finally:
        del sys.modules[spec.name]
        for number, handler in before.items():
            signal.signal(number, handler)


def killed_in_the_third_case(*arguments):
    """The exit code of the command in a process of its own that is killed (SIGKILL) while it segments."""
    if str(REPOSITORY) not in sys.path:
        sys.path.append(str(REPOSITORY))  # the new process finds this file by it
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["med3dtrain.evaluation.run"])
    process = context.Process(target=_evaluate_and_die, args=(Path.cwd(), arguments))
    process.start()
    process.join(120)
    code = process.exitcode
    process.kill()
    return code


def _evaluate_and_die(folder, arguments):
    import torch

    from Med3DInsightLib.analysis.session import Session

    torch.set_num_threads(1)
    os.chdir(folder)
    segment, begun = Session.segment, []

    def segment_or_die(self, *rest):
        begun.append(1)
        if len(begun) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return segment(self, *rest)

    Session.segment = segment_or_die
    evaluate(*arguments)


def report(folder="out"):
    """What report.json in folder says."""
    return json.loads(Path(folder, "report.json").read_text())
