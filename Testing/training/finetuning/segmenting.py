"""Fine-tuning for segmentation in this process."""

from __future__ import annotations

from Med3DInsightLib.analysis.computing.device import Device
from med3dtrain.finetuning.learning.run import FineTuningRun
from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks


def run(source, recipe, output, said=None):
    report = (said if said is not None else []).append
    return FineTuningRun(SegmentationTasks(source, recipe, output), recipe, output, Device.CPU, report).run()
