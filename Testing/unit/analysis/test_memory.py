"""Memory is estimated before a run, and when it runs out smaller plans are tried and told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.classes.classifier import Classifier
from Med3DInsightLib.analysis.computing.errors import MemoryShortage
from Med3DInsightLib.analysis.computing.memory_fallback import on_device_with_memory
from Med3DInsightLib.analysis.computing.out_of_memory import is_out_of_memory
from Med3DInsightLib.analysis.saliency.class_explainer import ClassExplainer
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.analysis.windows.compute_plan import ComputePlan
from Med3DInsightLib.bundles import HeadKind
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import Grid, Volume

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_plans_shrink_in_the_order_that_changes_least_first():
    backbone = build_backbone("segresnet", init_filters=8)
    plan, tried = ComputePlan.usual(CUDA, (96, 96, 96), keeps_features=True), []
    while plan is not None:
        tried.append((plan.device.type, plan.windows_at_once, plan.window_kji[0]))
        plan = plan.smaller(backbone)
    assert tried == [
        ("cuda", 4, 96),  # keeping features
        ("cuda", 4, 96),
        ("cuda", 1, 96),
        ("cuda", 1, 48),
        ("cuda", 1, 32),
        ("cpu", 1, 96),
        ("cpu", 1, 48),
        ("cpu", 1, 32),
    ]


def test_a_network_with_a_fixed_window_keeps_it():
    backbone = build_backbone("unetr", window_kji=(32, 32, 32), hidden_size=48, mlp_size=64, heads=4)
    assert ComputePlan.usual(CPU, (32, 32, 32)).smaller(backbone) is None
    assert ComputePlan(CUDA, 1, (32, 32, 32), (32, 32, 32), False).smaller(backbone).device.type == "cpu"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("could not create a primitive"), True),
        (RuntimeError("shape mismatch"), False),
        (ValueError("not enough memory for jokes"), False),
    ],
)
def test_out_of_memory_is_recognised(error, expected):
    assert is_out_of_memory(error) == expected


class Hungry(torch.nn.Module):
    """Passes on to a module, but has no memory for windows larger than it may read."""

    def __init__(self, module, largest):
        super().__init__()
        self.module, self.largest, self.sizes = module, largest, []
        self.channels, self.strides, self.window_kji = module.channels, module.strides, module.window_kji

    def forward(self, x):
        self.sizes.append(x.shape[-1])
        if x.shape[-1] > self.largest:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return self.module(x)


@pytest.fixture
def a_large_volume():
    return Volume(np.random.default_rng(0).normal(size=(64, 64, 64)).astype(np.float32), Grid((64,) * 3, np.eye(4)))


def a_session(a_card, largest):
    card = replace(a_card, recipe=replace(a_card.recipe, spacing_ijk_mm=(1.0, 1.0, 1.0), patch_kji=(64, 64, 64)))
    torch.manual_seed(0)
    network = build_network(card.architecture)
    network.backbone = Hungry(network.backbone, largest)
    return Session(card, network, CPU)


def test_smaller_windows_are_tried_and_told(a_card, a_large_volume, caplog):
    result = a_session(a_card, largest=32).segment(a_large_volume)
    assert result.adjustments == (
        "memory ran out with one window of 64x64x64 voxels at a time on CPU;"
        " going on with one window of 32x32x32 voxels at a time on CPU",
    )
    assert result.adjustments[0] in caplog.text
    assert result.labels.array_kji.any()


def test_a_shortage_that_nothing_mends_is_one_clear_error_and_the_session_lives(a_card, a_large_volume):
    session = a_session(a_card, largest=16)
    with pytest.raises(MemoryShortage, match=r"64x64x64 voxels \(.* GB are free now\)"):
        session.segment(a_large_volume)
    session._network.backbone.largest = 64
    assert session.segment(a_large_volume).adjustments == ()


@pytest.mark.parametrize("answer", ["classify", "explain"])
def test_a_shortage_while_classifying_is_the_same_error_and_what_classifies_lives(a_card, a_large_volume, answer):
    architecture = replace(a_card.architecture, head=HeadKind.CLASSIFICATION, classes=2)
    card = replace(a_card, architecture=architecture, segments=(), class_names=("a", "b"))
    network = build_network(architecture)
    network.backbone = hungry = Hungry(network.backbone, largest=1)
    classifier = Classifier(card, network, CPU)
    classify = classifier.classify if answer == "classify" else ClassExplainer(classifier).explain
    with pytest.raises(MemoryShortage, match=r"64x64x64 voxels \(.* GB are free now\)"):
        classify(a_large_volume)
    hungry.largest = 64
    assert classify(a_large_volume) is not None


def test_classifying_goes_on_with_the_cpu_where_an_accelerator_has_no_memory():
    tried = []

    def compute(device):
        tried.append(device.type)
        if device.type == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "classes"

    assert on_device_with_memory(CUDA, Grid((4, 4, 4), np.eye(4)), compute) == "classes"
    assert tried == ["cuda", "cpu"]


def test_the_fraction_does_not_go_back_when_a_smaller_plan_starts(a_card, a_large_volume):
    fractions = []
    a_session(a_card, largest=32).segment(a_large_volume, lambda report: fractions.append(report.fraction))
    assert fractions == sorted(fractions)


_MEASURED = """
import psutil, sys, torch
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import build_network
from Med3DInsightLib.volumes import Grid, Volume
import numpy as np
bundle = Bundle.open(sys.argv[1])
session = Session(bundle.card, build_network(bundle.card.architecture), torch.device("cpu"))
grid = Grid((150, 200, 200), np.eye(4))
volume = Volume(np.random.default_rng(0).integers(0, 999, grid.shape_kji).astype(np.int16), grid)
before = psutil.Process().memory_info().rss
estimate = session.estimate(grid)
result = session.segment(volume)
print(estimate.windows == result.encoded_windows, estimate.memory_bytes / 1e6, estimate.seconds, sep=",", end=",")
# Not ru_maxrss, which on Linux begins with the peak of the parent, here of a large test process.
peak_kb = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print((peak_kb * 1024 - before) / 1e6, sum(result.seconds.values()), sep=",")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of a process is read from /proc")
def test_the_estimate_is_near_what_a_run_takes(a_card, tmp_path):
    """Memory and time of a real run, in a process of its own: within a factor of two."""
    from Med3DInsightLib.networks.factory import save_network

    card = replace(a_card, recipe=replace(a_card.recipe, patch_kji=(64, 64, 64)))
    bundle = save_network(build_network(card.architecture), card, tmp_path / "bundle")
    command = [sys.executable, "-c", _MEASURED, str(bundle.folder)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    same_windows, memory_mb, _, measured_mb, _ = printed.split(",")
    assert same_windows == "True"
    assert 0.5 <= float(memory_mb) / float(measured_mb) <= 2.0, printed
