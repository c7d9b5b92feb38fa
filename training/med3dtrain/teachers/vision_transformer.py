"""Picture towers of transformers that know nothing of texts, such as a DINO."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import ReadOut, transformer_identity
from Med3DInsightLib.networks.text_towers.tower import TowerKind, digest_of

from .frozen_picture_tower import FrozenPictureTower


def picture_tower(model: PretrainedModel, read_out: ReadOut = ReadOut.CLASS_TOKEN) -> FrozenPictureTower:
    """A vision transformer (ViT, DINO, DINOv2, DINOv3) that begins with a class token.

    The mean leaves out the class token and the registers that some models put behind it.
    """
    config: Any = model.config
    first_patch = 1 + getattr(config, "num_register_tokens", 0)

    def encode(pixels: Tensor) -> Tensor:
        module: Any = model.module
        hidden: Tensor = module(pixel_values=pixels).last_hidden_state
        if hidden.ndim != 3:
            raise TeacherError(
                f"'{model.files.name}' gives pictures features of {hidden.ndim} axes, not tokens",
                next_step="choose a vision transformer",
            )
        return hidden[:, 0] if read_out == ReadOut.CLASS_TOKEN else hidden[:, first_patch:].mean(1)

    settings = digest_of(files=model.files.picture_settings, read_out=read_out, dtype=str(model.placement.dtype))
    identity = transformer_identity(TowerKind.PICTURES, model, settings)
    return FrozenPictureTower(identity, model.prepare, encode, model.placement)
