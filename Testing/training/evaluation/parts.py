"""A small set of cases, and the command as a user starts it."""

from __future__ import annotations

import csv
import importlib.util
import json
import multiprocessing
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from Med3DInsightLib.analysis.classes.classification import network_input
from Med3DInsightLib.bundles import HeadKind
from Med3DInsightLib.networks.factory import build_network, save_network
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


def write_classified(folder, count=8, split="test"):
    """Random volumes in a CSV; the first and every second after it are said to be of the class "cube"."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [classified_row(folder, f"v{number}.nii.gz", number, split) for number in range(count)]
    write_table(folder, rows)
    return rows


def classified_row(folder, name, number, split="test"):
    write_volume(random_volume(number), folder / name)
    return name, "none" if number % 2 else "cube", split


def random_volume(number):
    image = np.random.default_rng(number).normal(size=GRID.shape_kji).cumsum(0).cumsum(1)
    return Volume(image.astype(np.float32), GRID)


def write_table(folder, rows):
    with open(folder / "cases.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("image", "class", "split"), *rows])


def classification_bundle(card, folder, seed=0, knows_its_data=True, **changes):
    """A bundle of random weights that calls some of eight random volumes cubes, and knows how usual they are."""
    architecture = replace(card.architecture, head=HeadKind.CLASSIFICATION, classes=2)
    classes = {"name": folder.name, "architecture": architecture, "segments": (), "class_names": ("cube", "none")}
    torch.manual_seed(seed)
    network = build_network(architecture)
    with torch.no_grad():
        inputs = torch.cat([network_input(random_volume(number), card.recipe) for number in range(8)])
        embeddings = network.eval().embed(inputs)
        network.head.weight.div_(embeddings.std(0).mean())
        network.head.bias.copy_(-network.head.weight @ embeddings.mean(0))
    if knows_its_data:
        network.familiarity.learn(embeddings[::2], embeddings)
    return save_network(network, replace(card, **{**classes, **changes}), folder)


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


def killed_in_the_third_case(*arguments, analysis="segment"):
    """The exit code of the command in a process of its own that is killed (SIGKILL) while a session analyses."""
    if str(REPOSITORY) not in sys.path:
        sys.path.append(str(REPOSITORY))  # the new process finds this file by it
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["med3dtrain.evaluation.run"])
    process = context.Process(target=_evaluate_and_die, args=(Path.cwd(), arguments, analysis))
    process.start()
    process.join(120)
    code = process.exitcode
    process.kill()
    return code


def _evaluate_and_die(folder, arguments, analysis):
    from Med3DInsightLib.analysis.session import Session

    torch.set_num_threads(1)
    os.chdir(folder)
    analyse, begun = getattr(Session, analysis), []

    def analyse_or_die(self, *rest):
        begun.append(1)
        if len(begun) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return analyse(self, *rest)

    setattr(Session, analysis, analyse_or_die)
    evaluate(*arguments)


def report(folder="out"):
    """What report.json in folder says."""
    return json.loads(Path(folder, "report.json").read_text())
