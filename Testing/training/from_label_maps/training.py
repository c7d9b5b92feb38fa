"""Training from label maps in this process."""

from __future__ import annotations

from Med3DInsightLib.analysis.computing.device import Device
from med3dtrain.from_label_maps.recipe import LabelMapRecipe
from med3dtrain.from_label_maps.run import LabelMapRun


def trained(recipe, labels, output, start=None):
    """The bundle that comes of a recipe file."""
    return LabelMapRun(LabelMapRecipe.read(recipe), labels, output, start, Device.CPU, print).run()
