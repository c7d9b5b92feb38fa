"""Real workers for the tests of the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import psutil
import pytest
import torch

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.worker_process import WorkerProcess, worker_command
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Grid, Volume


@pytest.fixture
def start_worker():
    """A function that gives a RemoteAnalysis with a worker of its own; all are closed, and nothing may be left."""
    clients = []

    def start(**options):
        client = EngineClient(lambda events: WorkerProcess(events, worker_command(**options)))
        clients.append(client)
        return RemoteAnalysis(client)

    yield start
    for client in clients:
        client.close()
        assert not client.exchange.path.exists()
    assert not [
        child for child in psutil.Process().children(recursive=True) if "Med3DInsightLib" in str(child.cmdline())
    ]


@pytest.fixture
def a_request(a_bundle):
    return SegmentRequest(str(a_bundle.folder))


@pytest.fixture
def a_long_volume():
    """Some thousand windows for the tiny model: more than a minute of work."""
    array = np.random.default_rng(0).normal(size=(240, 240, 240)).astype(np.float32)
    return Volume(array, Grid((240, 240, 240), np.eye(4)))


@pytest.fixture
def a_hungry_bundle(a_card, tmp_path):
    """A model whose windows of 96 voxels need some 400 MB, those of 48 and 32 an eighth and less."""
    architecture = replace(a_card.architecture, backbone_arguments={"init_filters": 24, "blocks": [1, 1]})
    recipe = replace(a_card.recipe, patch_kji=(96, 96, 96))
    card = replace(a_card, name="hungry", architecture=architecture, recipe=recipe)
    torch.manual_seed(0)
    return save_network(build_network(architecture), card, tmp_path / "hungry")
