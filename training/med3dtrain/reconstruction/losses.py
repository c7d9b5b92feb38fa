"""How far a reconstruction is from the volume."""

from __future__ import annotations

from torch import Tensor


def hidden_squared_error(reconstruction: Tensor, volumes: Tensor, hidden: Tensor) -> Tensor:
    """The mean squared error over hidden voxels alone, a scalar in float32 (He et al. 2022, arXiv 2111.06377).

    reconstruction and volumes (B, C, K, J, I), hidden (B, 1, K, J, I), at least one voxel of it true.
    """
    errors = (reconstruction.float() - volumes.float()).square().mean(1, keepdim=True)
    return errors[hidden].mean()


def squared_error(reconstruction: Tensor, volumes: Tensor) -> Tensor:
    """The mean squared error over all voxels, a scalar in float32: the form of arXiv 2509.09064."""
    return (reconstruction.float() - volumes.float()).square().mean()
