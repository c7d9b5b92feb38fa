"""Telling whether two networks are the same."""

from __future__ import annotations

import hashlib

from torch import nn


def fingerprint(network: nn.Module) -> str:
    """A SHA-256 over the structure and all weights of network, in hexadecimal.

    Two models whose encoders have the same fingerprint compute the same features, so they can share
    them. Weights are hashed as they are in memory, on the CPU.
    """
    digest = hashlib.sha256(str(network).encode())
    for name, tensor in network.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy())
    return digest.hexdigest()
