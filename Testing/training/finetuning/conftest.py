"""Fine-tuning is tested in processes with one thread each, on a data set of eight small cases."""

from __future__ import annotations

import pytest
import torch

from .data import write_data_set


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def a_data_set(tmp_path_factory):
    return write_data_set(tmp_path_factory.mktemp("data") / "balls")
