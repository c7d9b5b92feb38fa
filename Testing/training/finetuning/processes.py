"""Runs in processes of their own, which can be killed."""

from __future__ import annotations

import json
import os
import signal

from ..pretraining.processes import exit_code, start

__all__ = ["classify", "exit_code", "start", "steps_in", "train"]


def train(source, recipe, output, killed_at=None):
    """Learn to segment; killed_at is the step after whose log line the process is killed (SIGKILL)."""
    from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks

    _run(SegmentationTasks(source, recipe, output), recipe, output, killed_at)


def classify(source, recipe, output, killed_at=None):
    """Learn to classify; see train()."""
    from med3dtrain.finetuning.classification.tasks import ClassificationTasks

    _run(ClassificationTasks(source, recipe, output), recipe, output, killed_at)


def _run(tasks, recipe, output, killed_at):
    """On the CPU, with one thread."""
    import torch

    from Med3DInsightLib.analysis.device import Device
    from med3dtrain.finetuning.run import FineTuningRun
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
