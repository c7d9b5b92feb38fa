"""From features at several scales back to voxels."""

from __future__ import annotations

from monai.networks.utils import pixelshuffle
from torch import Tensor, nn

from Med3DInsightLib.networks.decoder import SegmentationDecoder


class ReconstructionDecoder(nn.Module):
    """The decoder of segmentation with intensities in place of classes.

        decoder = ReconstructionDecoder(backbone.channels, backbone.strides)
        decoder(backbone(x))        # (B, 1, K, J, I)

    Where the finest features are coarser than the volume (nnFormer's by 4), every feature gives all the
    voxels it covers (Shi et al., sub-voxel convolution, CVPR 2016, arXiv 1609.05158): interpolation could only give
    smooth volumes. It is thrown away after pretraining.
    """

    def __init__(self, channels: tuple[int, ...], strides: tuple[int, ...], volume_channels: int = 1) -> None:
        super().__init__()
        self.stride = strides[0]
        relative = tuple(stride // self.stride for stride in strides)
        self.climb = SegmentationDecoder(channels, relative, volume_channels * self.stride**3)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Intensities (B, volume_channels, K, J, I) of features from finest to coarsest."""
        blocks: Tensor = self.climb(features)
        if self.stride == 1:
            return blocks
        volumes: Tensor = pixelshuffle(blocks, spatial_dims=3, scale_factor=self.stride)
        return volumes
