"""All backbones by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .backbone import Backbone
from .nnformer.backbone import NnFormerBackbone
from .resnet import ResNetBackbone
from .segresnet import SegResNetBackbone
from .swin_unetr import SwinUNETRBackbone
from .unetr import UNETRBackbone

BACKBONES: Mapping[str, type[Backbone]] = {
    "nnformer": NnFormerBackbone,
    "resnet": ResNetBackbone,
    "segresnet": SegResNetBackbone,
    "swin_unetr": SwinUNETRBackbone,
    "unetr": UNETRBackbone,
}


def build_backbone(name: str, **arguments: Any) -> Backbone:
    """The backbone called name, with fresh weights.

    Raises ValueError for an unknown name or an argument that the backbone does not have.
    """
    if name not in BACKBONES:
        raise ValueError(f"there is no backbone '{name}'; choose from {', '.join(sorted(BACKBONES))}")
    try:
        return BACKBONES[name](**arguments)
    except TypeError as error:
        raise ValueError(f"backbone '{name}' cannot be built with {arguments}: {error}") from error
