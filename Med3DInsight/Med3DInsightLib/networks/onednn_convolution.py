"""Convolutions that a CPU always computes with oneDNN."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LEAST_FOR_BFLOAT16 = 3
"""Voxels along every axis."""


class OneDnnConv3d(nn.Conv3d):
    """An nn.Conv3d with the same weights, which on a CPU does not leave the choice of the algorithm to PyTorch.

    For a single window with few channels, or few voxels, PyTorch takes a way of its own that is about four times as
    slow (pytorch/aten/src/ATen/native/Convolution.cpp, use_mkldnn). Results differ by rounding only.

    Features of one or two voxels along an axis are convolved in float32 under autocast too: for some of them oneDNN
    gives gradients in bfloat16 that hold whatever was in memory (seen with PyTorch 2.13, 16 channels, 2 x 2 x 2
    voxels).
    """

    @classmethod
    def of(cls, convolution: nn.Conv3d) -> OneDnnConv3d:
        """One that shares the parameters of convolution."""
        names = (
            "in_channels",
            "out_channels",
            "kernel_size",
            "stride",
            "padding",
            "dilation",
            "groups",
            "padding_mode",
        )
        settings = {name: getattr(convolution, name) for name in names}
        # On the meta device: its own parameters are never used.
        same = cls(**settings, bias=convolution.bias is not None, device="meta")
        same.weight, same.bias = convolution.weight, convolution.bias
        return same.train(convolution.training)

    def forward(self, x: Tensor) -> Tensor:
        """Output (B, C, K, J, I) of x (B, C, K, J, I)."""
        if self._is_small_under_autocast(x):
            with torch.autocast("cpu", enabled=False):
                return super().forward(x.to(self.weight.dtype))
        if isinstance(self.padding, str) or not self._is_for_onednn(x):
            return super().forward(x)
        return torch.mkldnn_convolution(
            x, self.weight, self.bias, self.padding, self.stride, self.dilation, self.groups
        )

    def _is_small_under_autocast(self, x: Tensor) -> bool:
        is_autocast = x.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        return is_autocast and max(self.kernel_size) > 1 and min(x.shape[-3:]) < _LEAST_FOR_BFLOAT16

    def _is_for_onednn(self, x: Tensor) -> bool:
        is_plain = x.device.type == "cpu" and x.dtype == self.weight.dtype == torch.float32 and x.dim() == 5
        return (
            is_plain
            and self.padding_mode == "zeros"
            and torch.backends.mkldnn.is_available()
            and not torch.is_autocast_enabled("cpu")
            # Without a kernel it is a product of matrices, which PyTorch does well; channels last it hands over itself.
            and max(self.kernel_size) > 1
            and x.is_contiguous()
        )


def use_onednn_convolutions(network: nn.Module) -> None:
    """Make every nn.Conv3d within network a OneDnnConv3d with the same parameters."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Conv3d:
                setattr(module, name, OneDnnConv3d.of(child))
