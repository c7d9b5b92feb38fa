"""Two processes with half the batch each give the loss and the gradients of one with the whole batch."""

from __future__ import annotations

import socket

import pytest
import torch
from torch import distributed as dist
from torch import multiprocessing, nn

from med3dtrain.alignment.alignment import Alignment
from med3dtrain.alignment.gathering import gather_batch
from med3dtrain.alignment.noise_share import NoiseShareSettings
from med3dtrain.alignment.settings import AlignmentSettings
from med3dtrain.alignment.transport import Stopping

STEPS, BATCH, WIDTH, PROCESSES = 3, 16, 8, 2
MODES = ("infonce", "ot", "paper", "robust", "siglip")


def settings_of(mode):
    exact = Stopping(1e-7, 300, 5)
    noise = NoiseShareSettings(window=64, warm_up=16, refit_every=16)
    return AlignmentSettings(mode=mode, queue=12, noise=noise, stopping=exact, weight_stopping=exact)


def a_model(mode):
    torch.manual_seed(0)
    encoder = nn.Linear(WIDTH, WIDTH)
    return nn.ModuleDict(
        {"encoder": encoder, "alignment": Alignment(settings_of(mode), {"image": WIDTH, "text": WIDTH})}
    )


def a_batch(step):
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(BATCH, WIDTH, generator=generator)
    image, text = x + 0.5 * torch.randn(2, BATCH, WIDTH, generator=generator)
    ids = (torch.arange(BATCH) + 5 * step) % 40
    return x, {"image": image, "text": text}, ids


def train(mode, part):
    """Losses, gradients of the last step and the state after STEPS of gradient descent on a part of every batch."""
    model = a_model(mode)
    losses = []
    for step in range(STEPS):
        x, teacher, ids = a_batch(step)
        model.zero_grad()
        read_out = model["encoder"](x[part])
        teacher = {name: embeddings[part] for name, embeddings in teacher.items()}
        loss = model["alignment"]({"image": read_out, "text": read_out}, teacher, ids[part])
        loss.total.backward()
        losses.append(loss.total.item())
        with torch.no_grad():
            for parameter in model.parameters():
                average(parameter.grad)
                parameter -= 0.1 * parameter.grad
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    return losses, gradients, model.state_dict()


def average(gradient):
    """What DistributedDataParallel does."""
    if dist.is_initialized():
        dist.all_reduce(gradient)
        gradient /= dist.get_world_size()


def in_one_of_two_processes(rank, port, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"tcp://127.0.0.1:{port}", world_size=PROCESSES, rank=rank)
    half = BATCH // PROCESSES
    torch.save({mode: train(mode, slice(rank * half, (rank + 1) * half)) for mode in MODES}, folder / f"{rank}.pt")
    try:
        gather_batch(torch.zeros(3 + rank, 2))
        refusal = "none"
    except ValueError as error:
        refusal = str(error)
    (folder / f"{rank}.txt").write_text(refusal)
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    """What each of two processes has found, and the folder."""
    folder = tmp_path_factory.mktemp("gathering")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(in_one_of_two_processes, (port, folder), nprocs=PROCESSES)
    return [torch.load(folder / f"{rank}.pt") for rank in range(PROCESSES)], folder


@pytest.mark.parametrize("mode", MODES)
def test_two_halves_are_the_whole(mode, two_processes):
    losses, gradients, state = train(mode, slice(None))
    for found in two_processes[0]:
        their_losses, their_gradients, their_state = found[mode]
        assert their_losses == pytest.approx(losses, abs=1e-5)
        assert their_gradients.keys() == gradients.keys()
        for name, gradient in gradients.items():
            assert gradient.abs().max() > 1e-4
            torch.testing.assert_close(their_gradients[name], gradient, atol=1e-5, rtol=0)
        for name, tensor in state.items():
            torch.testing.assert_close(their_state[name], tensor, atol=1e-5, rtol=1e-5)


def test_batches_of_different_sizes_are_refused_by_every_process(two_processes):
    for rank in range(PROCESSES):
        assert "different shapes: [(3, 2), (4, 2)]" in (two_processes[1] / f"{rank}.txt").read_text()


def test_one_process_keeps_its_batch_as_it_is():
    x = torch.ones(3, 2)
    assert gather_batch(x) is x
