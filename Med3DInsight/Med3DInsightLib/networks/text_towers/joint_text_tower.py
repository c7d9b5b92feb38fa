"""The text towers of models that also read pictures: CLIP, SigLIP, MedSigLIP."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .errors import TeacherError
from .frozen_text_tower import FrozenTextTower, Tokens
from .pretrained import PretrainedModel
from .token_limit import TokenLimit
from .tokenizing import Tokenizing
from .tower import TowerIdentity, TowerKind, digest_of

_PADS_TO_LIMIT = {"clip": False, "siglip": True}
"""Kinds of model, as config.json calls them; MedSigLIP and the SigLIP 2 models of one picture size are 'siglip'."""


def is_joint(model: PretrainedModel) -> bool:
    """Whether a model is one whose pictures and texts share a space."""
    return model.config.model_type in _PADS_TO_LIMIT


def joint_text_tower(model: PretrainedModel) -> FrozenTextTower:
    """The text tower of a CLIP or SigLIP; the weights are loaded when the first text is embedded.

    Raises TeacherError if the model is of another kind.
    """
    require_joint(model)
    kind = model.config.model_type
    limit = TokenLimit(model.config.text_config.max_position_embeddings, model.files.name)
    settings = digest_of(
        files=model.files.text_settings,
        read_out="projection",
        dtype=str(model.placement.dtype),
        limit=limit.tokens,
        pad=_PADS_TO_LIMIT[kind],
    )

    def encode(tokens: Tokens) -> Tensor:
        module: Any = model.module
        embeddings: Tensor = module.get_text_features(**tokens).pooler_output
        return embeddings

    identity = joint_identity(TowerKind.TEXTS, model, settings)
    return FrozenTextTower(identity, Tokenizing(model, limit, _PADS_TO_LIMIT[kind]), encode, model.placement)


def joint_identity(kind: TowerKind, model: PretrainedModel, settings_sha256: str) -> TowerIdentity:
    """The identity of one of the two towers, whose width is that of the space they share."""
    config: Any = model.config
    width = config.projection_dim if config.model_type == "clip" else config.text_config.projection_size
    files = model.files
    return TowerIdentity(kind, files.name, files.revision, files.weights_sha256, settings_sha256, width)


def require_joint(model: PretrainedModel) -> None:
    """Raise TeacherError if pictures and texts of a model do not share a space."""
    if not is_joint(model):
        raise TeacherError(
            f"'{model.files.name}' is a model of kind '{model.config.model_type}', "
            f"not one of {', '.join(sorted(_PADS_TO_LIMIT))}",
            model.files.folder,
            "open it as one tower of an unaligned teacher, or choose another model",
        )
