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

_UNBUILDABLE = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError)
"""What the layers of a backbone make of sizes and counts that do not go together, beside ValueError."""


def build_backbone(name: str, **arguments: Any) -> Backbone:
    """The backbone called name, with fresh weights.

    Raises ValueError for an unknown name, and for arguments that the backbone does not have or cannot be built with.
    """
    if name not in BACKBONES:
        raise ValueError(f"there is no backbone '{name}'; choose from {', '.join(sorted(BACKBONES))}")
    try:
        return BACKBONES[name](**arguments)
    except _UNBUILDABLE as error:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"backbone '{name}' cannot be built with {arguments}: {cause}") from error
