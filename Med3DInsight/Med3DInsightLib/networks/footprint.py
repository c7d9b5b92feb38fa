"""How much memory a network needs for one run, found without running it."""

from __future__ import annotations

import copy
import weakref
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def activation_bytes(network: nn.Module, shape: tuple[int, ...]) -> int:
    """The most memory in bytes that the tensors of one inference on a float32 input of shape take.

    The network is run on PyTorch's meta device, where tensors have a shape and no content, and the
    life of every tensor is followed. Scratch memory inside a single operation is not seen.
    """
    hollow = copy.deepcopy(network).to("meta")
    with torch.inference_mode(), _LiveBytes() as live:
        hollow(torch.empty(shape, device="meta"))
    return int(live.most)


class _LiveBytes(TorchDispatchMode):
    """Adds up the storages that are alive while operations run under it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = 0
        self.most = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._follow(leaf)
        self.most = max(self.most, self.now)
        return result

    def _follow(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        identity, size = storage._cdata, storage.nbytes()
        if identity in self._known:
            return
        self._known.add(identity)
        self.now += size
        weakref.finalize(storage, self._forget, identity, size)

    def _forget(self, identity: int, size: int) -> None:
        self._known.discard(identity)
        self.now -= size
