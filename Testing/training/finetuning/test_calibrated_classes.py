"""Probabilities of classes are as frequent as the classes, although rare ones count more while a network learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.classification import ClassificationNetwork
from med3dtrain.datasets.classified_set import ClassifiedCase
from med3dtrain.datasets.split import Subset
from med3dtrain.finetuning.classification.inputs import PreparedInputs
from med3dtrain.finetuning.classification.measuring import calibrate
from med3dtrain.finetuning.classification.objective import ClassificationObjective, class_weights

ORDINARY, RARE = 18, 2


@pytest.fixture
def cases_that_look_alike():
    """Twenty equal images, of which one in ten is of the rare class: nobody can tell which."""
    classes = [0] * ORDINARY + [1] * RARE
    cases = [ClassifiedCase(f"case {n}", of, Subset.VALIDATION, f"{n:064x}", None) for n, of in enumerate(classes)]
    return PreparedInputs(cases, np.ones((len(cases), 8, 8, 8), np.float16))


def test_a_class_that_counted_more_is_not_promised_more_often_than_it_is_met(cases_that_look_alike):
    torch.manual_seed(0)
    network = ClassificationNetwork(build_backbone("segresnet", init_filters=8, blocks=[0, 1]), classes=2)
    objective = ClassificationObjective(network, [ORDINARY, RARE])
    torch.nn.init.zeros_(network.head.weight)
    optimizer = torch.optim.Adam([network.head.bias], lr=0.1)
    images = torch.stack([cases_that_look_alike.read(number) for number in range(ORDINARY + RARE)])
    classes = torch.tensor([case.class_number for case in cases_that_look_alike.cases])
    for _ in range(60):
        optimizer.zero_grad()
        objective(images, classes).backward()
        optimizer.step()

    def promised():
        return float(network.eval()(images[:1]).softmax(-1)[0, 1].detach())

    assert promised() > 0.2
    weights = class_weights([ORDINARY, RARE])
    calibrate(network, cases_that_look_alike, cases_that_look_alike, weights, torch.device("cpu"))
    assert promised() == pytest.approx(RARE / (ORDINARY + RARE), abs=0.01)
