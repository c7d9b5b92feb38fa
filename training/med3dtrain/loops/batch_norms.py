"""When batch norms learn what features are like: their running statistics change without any gradient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def rest_with_their_weights(module: nn.Module) -> None:
    """Let batch norms in a module that trains keep and use their running statistics if their weights rest.

    To be called again when weights begin to learn, or module.train() was called.
    """
    for norm in _batch_norms(module):
        norm.train(all(parameter.requires_grad for parameter in norm.parameters()))


@contextmanager
def untracked(module: nn.Module) -> Iterator[None]:
    """What the module sees meanwhile does not change the running statistics of its batch norms."""
    tracking = [norm for norm in _batch_norms(module) if norm.track_running_stats]
    for norm in tracking:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in tracking:
            norm.track_running_stats = True


def _batch_norms(module: nn.Module) -> list[_BatchNorm]:
    return [norm for norm in module.modules() if isinstance(norm, _BatchNorm)]
