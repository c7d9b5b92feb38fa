"""The queue keeps the latest pairs, each sample once, and never gives a sample its own older copy."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from med3dtrain.alignment.loss_mode import Pairs
from med3dtrain.alignment.memory_queue import MemoryQueue


def push(queue, ids, step=0):
    """Read-outs tell the sample and the step, teacher embeddings the sample alone."""
    ids = torch.tensor(ids)
    sample = ids.float()
    read_outs = torch.stack([sample, torch.full_like(sample, step)], -1)
    queue.push(ids, [Pairs(read_outs, torch.stack([sample, sample], -1))])


def kept(queue, ids=()):
    """(sample, step) of what is given beside a batch with these ids."""
    (pairs,) = queue.older_than(torch.tensor(ids, dtype=torch.int64))
    assert torch.equal(pairs.read_outs[:, 0], pairs.teacher[:, 0])
    return {(int(sample), int(step)) for sample, step in pairs.read_outs.tolist()}


def test_the_last_pairs_are_kept():
    queue = MemoryQueue(4, [2])
    push(queue, [0, 1, 2], step=1)
    push(queue, [3, 4], step=2)
    assert kept(queue) == {(1, 1), (2, 1), (3, 2), (4, 2)}


def test_an_empty_queue_gives_nothing():
    (pairs,) = MemoryQueue(4, [2]).older_than(torch.tensor([1]))
    assert pairs.read_outs.shape == (0, 2)


def test_a_sample_is_not_given_beside_itself():
    queue = MemoryQueue(4, [2])
    push(queue, [7, 8, 9])
    assert kept(queue, [8, 5]) == {(7, 0), (9, 0)}


def test_a_sample_is_kept_once_with_its_latest_read_out():
    queue = MemoryQueue(4, [2])
    push(queue, [7, 8], step=1)
    push(queue, [7, 7], step=2)
    assert kept(queue) == {(7, 2), (8, 1)}


@given(st.integers(1, 6), st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=8))
def test_only_recent_pairs_are_kept_and_all_that_fit(size, steps):
    queue = MemoryQueue(size, [2])
    latest = {}
    for step, ids in enumerate(steps):
        push(queue, ids, step)
        latest |= dict.fromkeys(ids, step)
        held = kept(queue)
        assert len({sample for sample, _ in held}) == len(held) <= size
        assert held <= set(latest.items())
        # A step's own samples are there, as many as fit.
        assert len([sample for sample, when in held if when == step]) == min(size, len(set(ids)))


def test_kept_read_outs_have_no_gradient():
    queue = MemoryQueue(4, [2])
    queue.push(torch.tensor([1]), [Pairs(torch.ones(1, 2, requires_grad=True), torch.ones(1, 2))])
    (pairs,) = queue.older_than(torch.tensor([2]))
    assert not pairs.read_outs.requires_grad


def test_a_restored_queue_goes_on_to_the_bit():
    whole, first = MemoryQueue(5, [2]), MemoryQueue(5, [2])
    for step in range(6):
        push(whole, [step, step + 1], step)
    for step in range(3):
        push(first, [step, step + 1], step)
    restored = MemoryQueue(5, [2])
    restored.load_state_dict({name: tensor.clone() for name, tensor in first.state_dict().items()})
    for step in range(3, 6):
        push(restored, [step, step + 1], step)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, restored.state_dict()[name]), name


def test_ids_below_zero_are_refused():
    with pytest.raises(ValueError, match="not negative"):
        push(MemoryQueue(4, [2]), [-1])
