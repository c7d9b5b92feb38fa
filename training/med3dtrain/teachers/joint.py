"""Teachers whose pictures and texts share a space: CLIP, SigLIP, MedSigLIP."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .errors import TeacherError
from .frozen_towers import FrozenPictureTower, FrozenTextTower, Tokens
from .pretrained import PretrainedModel
from .teacher import Teacher
from .token_limit import TokenLimit
from .tokenizing import Tokenizing
from .tower import TowerIdentity, TowerKind, digest_of

_PADS_TO_LIMIT = {"clip": False, "siglip": True}
"""Kinds of model, as config.json calls them; MedSigLIP and the SigLIP 2 models of one picture size are 'siglip'."""


def joint_teacher(model: PretrainedModel) -> Teacher:
    """The two towers of a CLIP or SigLIP; the weights are loaded when the first item is embedded.

    Raises TeacherError if the model is of another kind.
    """
    config: Any = model.config
    kind = config.model_type
    if kind not in _PADS_TO_LIMIT:
        raise TeacherError(
            f"'{model.files.name}' is a model of kind '{kind}', not one of {', '.join(sorted(_PADS_TO_LIMIT))}",
            model.files.folder,
            "open it as one tower of an unaligned teacher, or choose another model",
        )
    limit = TokenLimit(config.text_config.max_position_embeddings, model.files.name)
    width = config.projection_dim if kind == "clip" else config.text_config.projection_size
    dtype = str(model.placement.dtype)
    pictures = digest_of(files=model.files.picture_settings, read_out="projection", dtype=dtype)
    texts = digest_of(
        files=model.files.text_settings,
        read_out="projection",
        dtype=dtype,
        limit=limit.tokens,
        pad=_PADS_TO_LIMIT[kind],
    )

    def identity(tower: TowerKind, settings: str) -> TowerIdentity:
        files = model.files
        return TowerIdentity(tower, files.name, files.revision, files.weights_sha256, settings, width)

    def encode_pixels(pixels: Tensor) -> Tensor:
        module: Any = model.module
        embeddings: Tensor = module.get_image_features(pixel_values=pixels).pooler_output
        return embeddings

    def encode_tokens(tokens: Tokens) -> Tensor:
        module: Any = model.module
        embeddings: Tensor = module.get_text_features(**tokens).pooler_output
        return embeddings

    return Teacher(
        FrozenPictureTower(identity(TowerKind.PICTURES, pictures), model.prepare, encode_pixels, model.placement),
        FrozenTextTower(
            identity(TowerKind.TEXTS, texts),
            Tokenizing(model, limit, _PADS_TO_LIMIT[kind]),
            encode_tokens,
            model.placement,
        ),
        shares_space=True,
    )
