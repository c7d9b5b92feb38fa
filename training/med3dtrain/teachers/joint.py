"""Teachers whose pictures and texts share a space: CLIP, SigLIP, MedSigLIP."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from Med3DInsightLib.networks.text_towers.joint_text_tower import joint_identity, joint_text_tower, require_joint
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.tower import TowerKind, digest_of

from .frozen_picture_tower import FrozenPictureTower
from .teacher import Teacher


def joint_teacher(model: PretrainedModel) -> Teacher:
    """The two towers of a CLIP or SigLIP; the weights are loaded when the first item is embedded.

    Raises TeacherError if the model is of another kind.
    """
    require_joint(model)
    settings = digest_of(files=model.files.picture_settings, read_out="projection", dtype=str(model.placement.dtype))

    def encode(pixels: Tensor) -> Tensor:
        module: Any = model.module
        embeddings: Tensor = module.get_image_features(pixel_values=pixels).pooler_output
        return embeddings

    identity = joint_identity(TowerKind.PICTURES, model, settings)
    pictures = FrozenPictureTower(identity, model.prepare, encode, model.placement)
    return Teacher(pictures, joint_text_tower(model), shares_space=True)
