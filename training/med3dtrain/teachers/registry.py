"""Teachers by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import torch

from Med3DInsightLib.analysis.computing.device import Device, choose_device
from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.placement import Placement
from Med3DInsightLib.networks.text_towers.pretrained import PretrainedModel
from Med3DInsightLib.networks.text_towers.sentence_encoder import ReadOut, text_tower

from .joint import joint_teacher
from .model_search import find_model
from .open_clip_model import OpenClipModel
from .teacher import Teacher
from .vision_transformer import picture_tower


class TeacherBackend(StrEnum):
    """How a teacher is opened: CLIP and SigLIP of transformers, open_clip, or two towers that share no space."""

    JOINT = "joint"
    OPEN_CLIP = "open_clip"
    UNALIGNED = "unaligned"


class NumberFormat(StrEnum):
    """What a teacher computes in."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


@dataclass(frozen=True)
class TeacherSettings:
    """Which teacher, and where it computes; a part of a pretraining recipe.

    model is a folder or an id of the Hugging Face hub; text_model is needed by an unaligned teacher, and by an
    open_clip model whose text tower takes its config.json from another model. Only the unaligned backend asks
    for read-outs. allow_download is the user's consent to fetch files that are not here.
    """

    backend: TeacherBackend
    model: str
    text_model: str = ""
    revision: str = ""
    text_revision: str = ""
    picture_read_out: ReadOut = ReadOut.CLASS_TOKEN
    text_read_out: ReadOut | None = None
    device: Device = Device.AUTO
    number_format: NumberFormat = NumberFormat.FLOAT32
    batch: int = 32
    allow_download: bool = False

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise ValueError("batch is at least 1")


def open_teacher(settings: TeacherSettings) -> Teacher:
    """The teacher that settings name; raises TeacherError or UserError if it cannot be had.

    Weights are loaded when the first picture or text is embedded: a teacher whose embeddings are all in a
    cache never needs them in memory.
    """
    dtype = {
        NumberFormat.FLOAT32: torch.float32,
        NumberFormat.BFLOAT16: torch.bfloat16,
        NumberFormat.FLOAT16: torch.float16,
    }[settings.number_format]
    placement = Placement(choose_device(settings.device), dtype, settings.batch)
    files = find_model(settings.model, settings.revision, settings.allow_download)
    text_files = None
    if settings.text_model:
        text_files = find_model(settings.text_model, settings.text_revision, settings.allow_download)
    if settings.backend == TeacherBackend.JOINT:
        return joint_teacher(PretrainedModel(files, placement))
    if settings.backend == TeacherBackend.OPEN_CLIP:
        return OpenClipModel(files, placement, text_files).teacher()
    if text_files is None:
        raise TeacherError(
            "an unaligned teacher needs a model for texts beside that for pictures", next_step="name a text_model"
        )
    pictures = picture_tower(PretrainedModel(files, placement), settings.picture_read_out)
    texts = text_tower(PretrainedModel(text_files, placement), settings.text_read_out)
    return Teacher(pictures, texts, shares_space=False)
