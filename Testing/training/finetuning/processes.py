"""Runs in processes of their own, which can be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
from dataclasses import replace

from ..pretraining.processes import exit_code, start

__all__ = [
    "classify",
    "classify_without_dropout",
    "exit_code",
    "in_two_processes",
    "start",
    "steps_in",
    "train",
    "train_of_two_opinions",
    "train_where_each_sees_its_own",
]


def in_two_processes(function, *arguments):
    """Exit codes of two processes that call function together, as accelerate launch starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    both = [start(_join_and_call, rank, port, function, *arguments) for rank in range(2)]
    return [exit_code(each, 300.0) for each in both]


def _join_and_call(rank, port, function, *arguments):
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()}, MASTER_ADDR="127.0.0.1")
    function(*arguments)


def train(source, recipe, output, killed_at=None):
    """Learn to segment; killed_at is the step after whose log line the process is killed (SIGKILL)."""
    from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks

    _run(SegmentationTasks(source, recipe, output), recipe, output, killed_at)


def classify(source, recipe, output, killed_at=None):
    """Learn to classify; see train()."""
    from med3dtrain.finetuning.classification.tasks import ClassificationTasks

    _run(ClassificationTasks(source, recipe, output), recipe, output, killed_at)


def classify_without_dropout(source, recipe, output):
    """Learn to classify; which units are dropped cannot be the same in one process and in two."""
    from med3dtrain.finetuning.classification.tasks import ClassificationTasks

    class WithoutDropout(ClassificationTasks):
        def make(self, device, report):
            task = super().make(device, report)
            task.network.dropout.p = 0.0
            return task

    _run(WithoutDropout(source, recipe, output), recipe, output, None)


def train_of_two_opinions(source, recipe, output):
    """Learn to segment; the first process finds that nothing gets better, the second one that everything does."""
    from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks

    class Opinionated(SegmentationTasks):
        def make(self, device, report):
            scores = iter(range(1000)) if os.environ["RANK"] == "1" else iter([0.0] * 1000)
            task = super().make(device, report)
            return replace(task, measure=lambda network: {"score": float(next(scores))})

    _run(Opinionated(source, recipe, output), recipe, output, None)


def train_where_each_sees_its_own(source, recipe, outputs):
    """Learn to segment; each process sees another output folder, and writes there what it was told at the end."""
    from Med3DInsightLib.errors import UserError

    output = outputs[int(os.environ["RANK"])]
    try:
        train(source, recipe, output)
    except UserError as error:
        output.mkdir(exist_ok=True)
        (output / "told.txt").write_text(str(error))


def _run(tasks, recipe, output, killed_at):
    """On the CPU, with one thread."""
    import torch

    from Med3DInsightLib.analysis.computing.device import Device
    from med3dtrain.finetuning.learning.run import FineTuningRun
    from med3dtrain.runs.run_log import RunLog

    torch.set_num_threads(1)
    write = RunLog.write

    def write_and_die(self, step, figures):
        write(self, step, figures)
        if step == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    RunLog.write = write_and_die
    FineTuningRun(tasks, recipe, output, Device.CPU, print).run()


def steps_in(output):
    """The lines of steps in the log."""
    lines = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if "step" in line]
