"""A folder of small volumes with captions, a tiny teacher, and no way to the network."""

from __future__ import annotations

import logging

import pytest
import torch

from ..teachers import tiny_models
from . import parts


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(autouse=True)
def one_thread():
    """Sums depend on how many threads share them; the processes that are compared have one each."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def a_process_alone():
    """accelerate remembers in the process how it was first started."""
    from accelerate.state import AcceleratorState, GradientState

    yield
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


@pytest.fixture(scope="session")
def a_teacher_folder(tmp_path_factory):
    logging.getLogger("transformers").setLevel(logging.ERROR)
    return tiny_models.save_clip(tmp_path_factory.mktemp("teacher"))


@pytest.fixture(scope="session")
def heads(tmp_path_factory):
    """Four volumes and the captions of nine slices of each: (volumes, captions)."""
    return parts.write_heads(tmp_path_factory.mktemp("heads"))


@pytest.fixture
def a_recipe(heads, a_teacher_folder):
    return parts.a_pretraining_recipe(*heads, a_teacher_folder)
