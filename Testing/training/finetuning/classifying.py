"""Fine-tuning for classification in this process."""

from __future__ import annotations

from dataclasses import replace

from Med3DInsightLib.analysis.computing.device import Device
from med3dtrain.finetuning.classification.tasks import ClassificationTasks
from med3dtrain.finetuning.learning.run import FineTuningRun

from .data import a_recipe


def recipe(**changes):
    optimisation = replace(a_recipe().optimisation, steps=24, learning_rate=5e-3)
    plan = replace(a_recipe().plan, batch=4, patch_kji=(16, 16, 16))
    pace = replace(a_recipe().pace, measure_steps=8)
    return a_recipe(**{"optimisation": optimisation, "plan": plan, "pace": pace, **changes})


def run(source, output, said=None, **changes):
    made = recipe(**changes)
    report = (said if said is not None else []).append
    return FineTuningRun(ClassificationTasks(source, made, output), made, output, Device.CPU, report).run()
